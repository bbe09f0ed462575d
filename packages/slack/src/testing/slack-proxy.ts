import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** One call of Slack's Web API, as it was sent. */
export interface SlackCall {
  /** Such as `chat.postMessage`. */
  readonly method: string;
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
}

/**
 * What a call meets: `drop_before` ends its connection before Slack has it, `drop_after` once Slack has it, `hang`
 * never answers it, `lateMs` keeps Slack's answer back for so long, and anything else is answered in Slack's place.
 */
export type Fault = "drop_before" | "drop_after" | "hang" | { readonly lateMs: number } | FaultyAnswer;

export interface FaultyAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
}

export interface SlackProxy {
  readonly url: string;
  readonly calls: readonly SlackCall[];
  /** The next calls of this method meet these faults, one each; `null` lets one pass. */
  meet(method: string, ...faults: readonly (Fault | null)[]): void;
  /** Resolves when a call hangs. */
  hanging(): Promise<void>;
  reset(): void;
  close(): Promise<void>;
}

/** Stands on loopback in front of a Slack, notes every call, and makes some of them fail. */
export async function startSlackProxy(upstreamUrl: string): Promise<SlackProxy> {
  const calls: SlackCall[] = [];
  const faults = new Map<string, (Fault | null)[]>();
  let hanging = Promise.withResolvers<void>();
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray());
    const call = callOf(request, body);
    calls.push(call);
    const fault = faults.get(call.method)?.shift() ?? null;
    if (fault === "hang") return hanging.resolve();
    if (fault === "drop_before") return void request.socket.destroy();
    if (isAnswer(fault)) return writeAnswer(response, fault);
    const passed = await passOn(upstreamUrl, request, body);
    if (fault === "drop_after") return void request.socket.destroy();
    if (fault !== null) await sleep(fault.lateMs);
    writeAnswer(response, passed);
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    meet: (method, ...more) => void faults.set(method, [...(faults.get(method) ?? []), ...more]),
    hanging: () => hanging.promise,
    reset() {
      calls.length = 0;
      faults.clear();
      hanging = Promise.withResolvers<void>();
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function isAnswer(fault: Fault | null): fault is FaultyAnswer {
  return typeof fault === "object" && fault !== null && !("lateMs" in fault);
}

function callOf({ url = "", headers }: IncomingMessage, body: Buffer): SlackCall {
  const { authorization } = headers;
  const form = Object.fromEntries(new URLSearchParams(body.toString()));
  return { method: url.replace(/^.*\/api\//, ""), form, authorization };
}

async function passOn(
  upstreamUrl: string,
  { url = "", headers }: IncomingMessage,
  body: Buffer,
): Promise<FaultyAnswer> {
  const { authorization = "", "content-type": type = "" } = headers;
  const response = await fetch(new URL(url, upstreamUrl), {
    method: "POST",
    headers: { authorization, "content-type": type },
    body: new Uint8Array(body),
  });
  return { status: response.status, body: await response.json() };
}

function writeAnswer(
  response: ServerResponse,
  { status = 200, headers = {}, body = "" }: FaultyAnswer,
): void {
  const isText = typeof body === "string";
  response.writeHead(status, { "content-type": isText ? "text/html" : "application/json", ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
