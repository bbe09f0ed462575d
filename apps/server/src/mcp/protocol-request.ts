import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import type { ServerApiOptions } from "../admin/server-api.ts";
import { CommandError } from "../commands/command.ts";
import { ServerGoneError } from "./tool-source.ts";

export interface ProtocolPeer extends ServerApiOptions {
  /** Of this program. */
  readonly version: string;
}

export interface ProtocolRequest {
  readonly method: string;
  readonly params: { readonly name?: string; readonly arguments?: unknown };
  readonly signal: AbortSignal;
}

/**
 * Asks the /mcp of a running server once, without a session.
 * @returns the result, of whatever shape
 * @throws ServerGoneError; CommandError when the server refuses
 */
export async function requestOf(peer: ProtocolPeer, request: ProtocolRequest): Promise<unknown> {
  const { url, pid } = peer;
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: headersOf(peer, request),
    body: bodyOf(peer, request),
    signal: request.signal,
  }).catch((cause: unknown) => {
    const message = `Process ${pid} held the data folder, but no server answers at ${url}. It may be stopping: try again in a moment.`;
    throw new ServerGoneError(message, { mayHaveArrived: !isRefused(cause), cause });
  });
  const answer = answered.safeParse(await response.json().catch(() => null));
  if (answer.data?.result !== undefined) return answer.data.result;
  throw new CommandError(refusal(url, response.status, answer.data?.error?.message));
}

/** The revision that knows no sessions. */
const PROTOCOL_VERSION = "2026-07-28";

const answered = z.object({
  result: z.unknown(),
  error: z.object({ message: z.string() }).exactOptional(),
});

function headersOf({ apiKey }: ProtocolPeer, { method, params }: ProtocolRequest): Record<string, string> {
  return {
    authorization: `Bearer ${apiKey}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": PROTOCOL_VERSION,
    "mcp-method": method,
    ...(params.name !== undefined && { "mcp-name": params.name }),
  };
}

function bodyOf({ version }: ProtocolPeer, { method, params }: ProtocolRequest): string {
  const meta = {
    [PROTOCOL_VERSION_META_KEY]: PROTOCOL_VERSION,
    [CLIENT_INFO_META_KEY]: { name: "agent-server-stdio", version },
    [CLIENT_CAPABILITIES_META_KEY]: {},
  };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: meta } });
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}

function refusal(url: string, status: number, message: string | undefined): string {
  if (status === 401)
    return `The server at ${url} does not take this key. Set API_KEY to the one that the server was started with.`;
  if (status === 404 && message === undefined)
    return `The server at ${url} is of another version and has no /mcp. Restart it with this version.`;
  return message ?? `The server at ${url} answered ${status}.`;
}
