import type { Context, MiddlewareHandler } from "hono";
import { describeJsonMistake } from "./json-mistake.ts";
import { ProblemError } from "./problem.ts";

const MAX_BODY_BYTES = 1_048_576;
const MAX_DEPTH = 64;

/** Reads a JSON body before its schema does, so that each way in which it cannot be read has its own answer. */
export const jsonBody: MiddlewareHandler = async (context, next) => {
  assertJsonType(context.req.header("content-type"));
  assertDepth(parse(await readBody(context)));
  await next();
};

function assertJsonType(contentType: string | undefined): void {
  const essence = contentType?.split(";")[0]?.trim().toLowerCase();
  if (essence === "application/json") return;
  const given =
    essence === undefined || essence === "" ? "There is no Content-Type" : `The Content-Type is ${essence}`;
  throw new ProblemError(
    "BODY_TYPE_UNSUPPORTED",
    `${given}. Send JSON with "Content-Type: application/json".`,
    {
      headers: { accept: "application/json" },
    },
  );
}

async function readBody({ req }: Context): Promise<string> {
  const declared = Number(req.header("content-length") ?? Number.NaN);
  if (declared > MAX_BODY_BYTES) throw tooLarge();
  // The server's parser lets no more bytes pass than were declared. Without a declaration they are counted.
  if (Number.isNaN(declared) && req.raw.body !== null) {
    const { url, method, headers } = req.raw;
    req.raw = new Request(url, { method, headers, body: await readCapped(req.raw.body) });
  }
  return req.text();
}

async function readCapped(stream: ReadableStream<Uint8Array>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ProblemError("BODY_MALFORMED", `The body is not JSON: ${describeJsonMistake(body)}.`);
  }
}

/** Without recursion: the depth of what is measured is the caller's choice. */
function assertDepth(body: unknown): void {
  let level: readonly unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) {
      throw new ProblemError(
        "BODY_MALFORMED",
        `The body is nested deeper than ${MAX_DEPTH} levels. Flatten it.`,
      );
    }
    level = level.flatMap((value) =>
      typeof value === "object" && value !== null ? Object.values(value) : [],
    );
  }
}

function tooLarge(): ProblemError {
  const detail = `The body is larger than ${MAX_BODY_BYTES} bytes. Send less, or put large data elsewhere and name its place.`;
  return new ProblemError("BODY_TOO_LARGE", detail, { headers: { connection: "close" } });
}
