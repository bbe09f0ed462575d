import { once } from "node:events";
import { createServer, request as sendRequest } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import type { Fault, FaultPlan, WaitingFault } from "./fault-plan.ts";
import { createFaultLine } from "./fault-plan.ts";

export interface FaultProxyOptions {
  /** Which requests meet faults and are counted. Default: all but GET and HEAD. */
  readonly match?: (request: RequestLine) => boolean;
}

export interface RequestLine {
  readonly method: string;
  /** With the query, such as `/messages?room=1`. */
  readonly path: string;
}

export interface FaultProxy extends FaultPlan, AsyncDisposable {
  /** The service's own URL, with this proxy in the place of its host. */
  readonly url: string;
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * Stands on loopback in front of a fake service and lets requests through as they are, but for the faults that are
 * injected.
 * @throws TypeError when the service's URL is not plain http.
 */
export async function createFaultProxy(
  upstreamUrl: string | URL,
  options: FaultProxyOptions = {},
): Promise<FaultProxy> {
  const upstream = new URL(upstreamUrl);
  if (upstream.protocol !== "http:") throw new TypeError(notHttp(upstream));
  const { match = isWriting } = options;
  const line = createFaultLine();
  const server = createServer((request, response) => {
    const { method = "GET", url: path = "/" } = request;
    const waiting = match({ method, path }) ? line.next() : null;
    const exchange = { request, response, upstream };
    // A client that goes away in the middle is no failure of the proxy.
    meet(exchange, waiting).catch(() => request.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => (closing ??= endAll(server));
  const { inject, seen, used } = line;
  const url = proxiedUrl(upstream, server.address() as AddressInfo);
  return { url, inject, seen, used, close, [Symbol.asyncDispose]: close };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: URL;
}

function isWriting({ method }: RequestLine): boolean {
  return method !== "GET" && method !== "HEAD";
}

async function meet(exchange: Exchange, waiting: WaitingFault | null): Promise<void> {
  if (waiting === null) return passOn(exchange);
  await suffer(exchange, waiting.fault, waiting.strike);
}

async function suffer(exchange: Exchange, fault: Fault, strike: () => void): Promise<void> {
  const { request, response } = exchange;
  if (fault === "drop_after" || fault === "slow") await drain(await send(exchange));
  else await drain(request);

  if (typeof fault === "object") refuse(response, fault);
  else if (fault !== "slow") request.socket.destroy();
  strike();
}

function refuse(response: ServerResponse, fault: Exclude<Fault, string>): void {
  const { status, retryAfterSeconds } = fault;
  if (retryAfterSeconds !== undefined) response.setHeader("retry-after", String(retryAfterSeconds));
  response.writeHead(status, { "content-type": "text/plain" });
  response.end(`The fault proxy answers ${status}.`);
}

async function passOn(exchange: Exchange): Promise<void> {
  const { response } = exchange;
  const answer = await send(exchange);
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
  await pipeline(answer, response);
}

/** Sends a request on, header for header and byte for byte. */
async function send({ request, upstream }: Exchange): Promise<IncomingMessage> {
  const passed = sendRequest({
    host: upstream.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: upstream.port === "" ? 80 : Number(upstream.port),
    method: request.method,
    path: request.url,
    headers: request.rawHeaders,
    agent: false,
  });
  const answered = once(passed, "response") as Promise<[IncomingMessage]>;
  const [[answer]] = await Promise.all([answered, pipeline(request, passed)]);
  return answer;
}

async function drain(message: IncomingMessage): Promise<void> {
  await message.forEach(() => {});
}

async function endAll(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

function proxiedUrl({ pathname, search }: URL, { port }: AddressInfo): string {
  return `http://127.0.0.1:${port}${pathname === "/" ? "" : pathname}${search}`;
}

function notHttp({ protocol }: URL): string {
  return `The fault proxy stands in front of plain http, not ${protocol} Start the fake service without TLS.`;
}
