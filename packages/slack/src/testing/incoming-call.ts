import type { Args } from "./api-call.ts";
import type { HttpRequest } from "./slack-server.ts";

/** A request as a call of the Web API; the bytes of an upload and of a download count as calls, too. */
export interface IncomingCall {
  /** Such as `chat.postMessage`, or `upload` and `download`. */
  readonly method: string;
  readonly isApi: boolean;
  readonly isJson: boolean;
  readonly args: Args;
  readonly authorization: string | undefined;
  /** From the header, or else from the arguments. */
  readonly token: string | undefined;
}

export async function readIncomingCall(request: HttpRequest): Promise<IncomingCall> {
  const { pathname, searchParams } = new URL(request.path, "http://slack.test");
  const { authorization, "content-type": type = "" } = request.headers;
  const isApi = pathname.startsWith("/api/");
  const isJson = type.startsWith("application/json");
  const written = isApi ? await readArgs(request, type) : {};
  const { token: tokenArgument, ...args } = { ...Object.fromEntries(searchParams), ...written };
  const token = authorization?.replace(/^Bearer\s+/i, "") ?? tokenArgument;
  return { method: methodOf(pathname), isApi, isJson, args, authorization, token };
}

function methodOf(pathname: string): string {
  if (pathname.startsWith("/api/")) return pathname.slice("/api/".length);
  if (pathname.startsWith("/upload/")) return "upload";
  return pathname.startsWith("/files-pri/") ? "download" : pathname;
}

async function readArgs({ body }: HttpRequest, type: string): Promise<Record<string, string>> {
  if (type.startsWith("application/json")) return jsonArgs(body.toString());
  if (type.startsWith("multipart/form-data")) {
    const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
    return Object.fromEntries(
      [...form].filter((field): field is [string, string] => typeof field[1] === "string"),
    );
  }
  return Object.fromEntries(new URLSearchParams(body.toString()));
}

function jsonArgs(text: string): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(text);
    const entries = Object.entries(typeof parsed === "object" && parsed !== null ? parsed : {});
    return Object.fromEntries(entries.map(([name, value]) => [name, asText(value)]));
  } catch {
    return {};
  }
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
