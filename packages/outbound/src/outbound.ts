import { silentLogger, systemClock } from "@core/registry";
import type { Clock, Logger } from "@core/registry";
import type { Agent } from "undici";
import { createAddressGuard, createTrustingGuard } from "./address-guard.ts";
import type { AddressGuard, Lookup } from "./address-guard.ts";
import { isOutboundError, OutboundError } from "./errors.ts";
import { exchange } from "./exchange.ts";
import type { ExchangeAnswer, ExchangeRequest } from "./exchange.ts";
import { createGuardedAgent } from "./guarded-agent.ts";
import { parseOutboundUrl } from "./outbound-url.ts";
import { parseTrustedOrigins } from "./trusted-origin.ts";
import { maskUrl } from "./url-mask.ts";

export interface OutboundOptions {
  /** Blocks that may be reached although they are not public, such as `10.0.0.0/8`. Default: none. */
  readonly allow?: readonly string[];
  /**
   * Origins such as `http://127.0.0.1:4003` that every request may reach, whatever address they have. `guard` knows
   * nothing of them. Default: none.
   */
  readonly trustedOrigins?: readonly string[];
  /** Resolves names. Default: the machine's resolver. */
  readonly lookup?: Lookup;
  /** Answers are cut here. Default 64 KiB. */
  readonly maxResponseBytes?: number;
  /** DNS, TCP and TLS together. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** How long an unused connection stays open. Default 4,000. */
  readonly keepAliveMs?: number;
  /** PEM certificates that are trusted instead of the machine's own. */
  readonly ca?: string | readonly string[];
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Speaks HTTP to strangers: only to allowed addresses, within a deadline, and reading no more than a cap. */
export interface Outbound {
  readonly guard: AddressGuard;
  /**
   * Makes one request and follows no redirect: any status is a value.
   * @throws OutboundError; its `details.sent` is `no` when the receiver cannot have got the request.
   */
  request(request: OutboundRequest): Promise<OutboundResponse>;
  /** Waits for the requests in flight and closes every connection. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface OutboundRequest {
  readonly url: string | URL;
  /** Default `GET`. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  readonly headers?: Readonly<Record<string, string>>;
  /** What comes in pieces is sent as it comes; state its `content-length` if the receiver wants one. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** From the call to the last byte of the answer. Default 15,000. */
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
  readonly signal?: AbortSignal;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case; a repeated header is joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came, cut at the cap. */
  readonly body: Uint8Array;
  /** Whether the body was longer than the cap. */
  readonly truncated: boolean;
  /** The body read as UTF-8. */
  text(): string;
}

/**
 * Opens the one place that speaks HTTP to strangers.
 * @throws OUTBOUND_CIDR_INVALID when a block in `allow` cannot be read, OUTBOUND_URL_INVALID when an origin cannot.
 */
export function createOutbound(options: OutboundOptions = {}): Outbound {
  const settings = normalised(options);
  const guard = createAddressGuard(options);
  const trustedOrigins = parseTrustedOrigins(options.trustedOrigins ?? []);
  const guarded = openWay(guard, settings);
  const trusted = openWay(createTrustingGuard(options), settings);
  const inFlight = new Set<Promise<unknown>>();
  let closing: Promise<void> | null = null;

  async function request(call: OutboundRequest): Promise<OutboundResponse> {
    if (closing) throw closedError(call.url);
    const running = send(call);
    inFlight.add(running);
    try {
      return await running;
    } catch (error) {
      reportRefusal(error, settings.logger);
      throw error;
    } finally {
      inFlight.delete(running);
    }
  }

  async function send(call: OutboundRequest): Promise<OutboundResponse> {
    const url = parseOutboundUrl(call.url);
    const way = trustedOrigins.has(url.origin) ? trusted : guarded;
    const checked = checkedRequest(call, url, way.guard, settings.maxResponseBytes);
    return withText(await exchange(way.agent, checked, settings.clock));
  }

  async function finish(): Promise<void> {
    await Promise.allSettled(inFlight);
    await Promise.all([guarded.agent.destroy(), trusted.agent.destroy()]);
  }

  const close = (): Promise<void> => (closing ??= finish());
  return { guard, request, close, [Symbol.asyncDispose]: close };
}

type Settings = Required<
  Pick<OutboundOptions, "maxResponseBytes" | "connectTimeoutMs" | "keepAliveMs" | "clock" | "logger">
> &
  Pick<OutboundOptions, "ca">;

function normalised(options: OutboundOptions): Settings {
  return {
    maxResponseBytes: options.maxResponseBytes ?? 64 * 1024,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    keepAliveMs: options.keepAliveMs ?? 4_000,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    ...(options.ca !== undefined && { ca: options.ca }),
  };
}

/** A guard, and the connections that it has let through; those of one way are never used by another. */
interface Way {
  readonly guard: AddressGuard;
  readonly agent: Agent;
}

function openWay(guard: AddressGuard, settings: Settings): Way {
  return { guard, agent: createGuardedAgent(guard, settings) };
}

function checkedRequest(
  call: OutboundRequest,
  url: URL,
  guard: AddressGuard,
  maxResponseBytes: number,
): ExchangeRequest {
  const issue = guard.literalIssue(url);
  if (issue !== null) throw literalError(url, issue);
  if (Object.keys(call.headers ?? {}).some((name) => name.toLowerCase() === "host"))
    throw hostHeaderError(url);
  return {
    url,
    method: call.method ?? "GET",
    headers: call.headers ?? {},
    body: call.body ?? null,
    timeoutMs: call.timeoutMs ?? 15_000,
    maxResponseBytes: call.maxResponseBytes ?? maxResponseBytes,
    ...(call.signal && { signal: call.signal }),
  };
}

function withText(answer: ExchangeAnswer): OutboundResponse {
  return { ...answer, text: () => new TextDecoder().decode(answer.body) };
}

/** An operator wants to see who tries to reach the inside. */
function reportRefusal(error: unknown, logger: Logger): void {
  if (!isOutboundError(error) || error.code !== "OUTBOUND_ADDRESS_REFUSED") return;
  logger.warn(error.details, error.message);
}

function literalError(url: URL, message: string): OutboundError {
  return new OutboundError({
    code: "OUTBOUND_ADDRESS_REFUSED",
    message,
    details: { url: maskUrl(url), host: url.hostname, sent: "no" },
  });
}

function hostHeaderError(url: URL): OutboundError {
  return new OutboundError({
    code: "OUTBOUND_REQUEST_INVALID",
    message: `The request to ${maskUrl(url)} sets a Host header. Leave it out: the host is the URL's.`,
    details: { url: maskUrl(url), host: url.hostname, sent: "no" },
  });
}

function closedError(url: string | URL): OutboundError {
  return new OutboundError({
    code: "OUTBOUND_CLOSED",
    message: `The request to ${maskUrl(url)} came after close(). Make requests before closing.`,
    details: { url: maskUrl(url), sent: "no" },
  });
}
