import { CommandError } from "../commands/command.ts";
import type { WireDocument } from "./task-admin.ts";

/** The HTTP API of a running server, as commands call it. */
export interface ServerApi {
  /** `expected`: codes of problems that are an answer too. @throws CommandError for any other problem */
  get(path: string, expected?: readonly string[]): Promise<ApiAnswer>;
  post(path: string, body: object, expected?: readonly string[]): Promise<ApiAnswer>;
}

export interface ApiAnswer {
  readonly body: WireDocument;
  /** Of a problem; null: it was done. */
  readonly code: string | null;
}

export interface ServerApiOptions {
  readonly url: string;
  readonly apiKey: string;
  /** The process that the server is said to be. */
  readonly pid: number;
}

export function createServerApi({ url, apiKey, pid }: ServerApiOptions): ServerApi {
  const authorization = `Bearer ${apiKey}`;
  return {
    get: (path, expected = []) => call(path, { headers: { authorization } }, expected),
    post: (path, body, expected = []) =>
      call(
        path,
        {
          method: "POST",
          headers: { authorization, "content-type": "application/json" },
          body: JSON.stringify(body),
        },
        expected,
      ),
  };

  async function call(path: string, init: RequestInit, expected: readonly string[]): Promise<ApiAnswer> {
    const response = await fetch(`${url}${path}`, init).catch((cause: unknown) => {
      throw new CommandError(
        `Process ${pid} holds the data folder, but no server answers at ${url}. It may be stopping: try again in a moment.`,
        { cause },
      );
    });
    const body = (await response.json().catch(() => ({}))) as WireDocument;
    if (response.ok) return { body, code: null };
    const code = typeof body["code"] === "string" ? body["code"] : "";
    if (expected.includes(code)) return { body, code };
    throw new CommandError(refusal(url, response.status, body));
  }
}

function refusal(url: string, status: number, body: WireDocument): string {
  if (status === 401)
    return `The server at ${url} does not take this key. Set API_KEY to the one that the server was started with.`;
  if (status === 404 && body["code"] === "ROUTE_NOT_FOUND")
    return `The server at ${url} is of another version and cannot do this. Restart it with this version.`;
  return typeof body["detail"] === "string" ? body["detail"] : `The server at ${url} answered ${status}.`;
}
