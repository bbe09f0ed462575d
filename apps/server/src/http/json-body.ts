import type { Context, MiddlewareHandler } from "hono";
import { assertMeasured } from "./json-measure.ts";
import { describeJsonMistake } from "./json-mistake.ts";
import { ProblemError } from "./problem.ts";

const MAX_BODY_BYTES = 1_048_576;
const MAX_DISCARDED_BYTES = 64 * MAX_BODY_BYTES;

/** Reads a JSON body before its schema does, so that each way in which it cannot be read has its own answer. */
export const jsonBody: MiddlewareHandler = async (context, next) => {
  assertJsonType(context.req.header("content-type"));
  assertPlain(context.req.header("content-encoding"));
  assertMeasured(parse(await readWhole(context)));
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

function assertPlain(contentEncoding: string | undefined): void {
  const coding = contentEncoding?.trim().toLowerCase() ?? "";
  if (coding === "" || coding === "identity") return;
  throw new ProblemError(
    "BODY_TYPE_UNSUPPORTED",
    `The Content-Encoding is ${coding}. Send the body as it is, without Content-Encoding.`,
    { headers: { "accept-encoding": "identity" } },
  );
}

/** A client that goes away in mid-body is no failure of the server. */
async function readWhole(context: Context): Promise<string> {
  try {
    return await readBody(context);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError("BODY_MALFORMED", "The body ended before it was complete. Send all of it.");
  }
}

async function readBody({ req }: Context): Promise<string> {
  const declared = Number(req.header("content-length") ?? Number.NaN);
  // The server's parser lets no more bytes pass than were declared. Without a declaration they are counted.
  if (req.raw.body !== null && !(declared <= MAX_BODY_BYTES)) {
    const { url, method, headers } = req.raw;
    req.raw = new Request(url, { method, headers, body: await readCapped(req.raw.body) });
  }
  if (declared > MAX_BODY_BYTES) throw tooLarge();
  if (declared > MAX_BODY_BYTES) throw tooLarge();
  return req.text();
}

/** Reads on for a while when the body is too large: a client that is still writing would not see the answer. */
async function readCapped(stream: ReadableStream<Uint8Array>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > MAX_DISCARDED_BYTES) break;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > MAX_BODY_BYTES) throw tooLarge();
  return Buffer.concat(chunks);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ProblemError("BODY_MALFORMED", `The body is not JSON: ${describeJsonMistake(body)}.`);
  }
}

function tooLarge(): ProblemError {
  const detail = `The body is larger than ${MAX_BODY_BYTES} bytes. Send less, or put large data elsewhere and name its place.`;
  return new ProblemError("BODY_TOO_LARGE", detail);
}
