import { Readable } from "node:stream";
import type { Clock } from "@core/registry";
import type { Dispatcher } from "undici";
import { CappedBody } from "./capped-body.ts";
import type { OutboundError, Sent } from "./errors.ts";
import { abortedError, sendingError, timeoutError } from "./exchange-error.ts";
import type { ExchangeFacts } from "./exchange-error.ts";

/** One request with its limits, complete and checked. */
export interface ExchangeRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly signal?: AbortSignal;
}

/** What came back, at most up to the cap. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly truncated: boolean;
}

/** Sends one request and reads its answer under one deadline. */
export function exchange(agent: Dispatcher, request: ExchangeRequest, clock: Clock): Promise<ExchangeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ExchangeAnswer>();
  const running = new Exchange(request, clock, { resolve, reject });
  if (running.isSettled) return promise;
  const { method, url, headers } = request;
  const body = writable(request.body);
  try {
    agent.dispatch({ origin: url.origin, path: url.pathname + url.search, method, headers, body }, running);
  } catch (error) {
    running.onResponseError(null, error);
  }
  return promise;
}

/**
 * Follows one request through undici, which calls the methods that begin with `on`.
 *
 * | State   | Begins when                          | A failure says `sent` |
 * | ------- | ------------------------------------ | --------------------- |
 * | waiting | the call is made                     | `no`                  |
 * | sending | undici is about to write the request | `maybe`               |
 * | settled | answer, cap, deadline, abort, error  | later events are ignored |
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest;
  readonly #promise: Pick<PromiseWithResolvers<ExchangeAnswer>, "resolve" | "reject">;
  readonly #body: CappedBody;
  readonly #stopDeadline: () => void;
  readonly #onAbort = (): void => this.#fail(abortedError(this.#facts(), this.#request.signal?.reason));
  #controller: Dispatcher.DispatchController | null = null;
  #head: Pick<ExchangeAnswer, "status" | "headers"> | null = null;
  #sent: Sent = "no";
  #settled = false;

  constructor(
    request: ExchangeRequest,
    clock: Clock,
    promise: Pick<PromiseWithResolvers<ExchangeAnswer>, "resolve" | "reject">,
  ) {
    const { timeoutMs, signal } = request;
    this.#request = request;
    this.#promise = promise;
    this.#body = new CappedBody(request.maxResponseBytes);
    this.#stopDeadline = clock.after(timeoutMs, () => this.#fail(timeoutError(this.#facts(), timeoutMs)));
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (signal?.aborted) this.#onAbort();
  }

  get isSettled(): boolean {
    return this.#settled;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error("The request ended before it was sent."));
    else this.#sent = "maybe";
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    // 1xx announce the answer; they are not it.
    if (status >= 200) this.#head = { status, headers: flatHeaders(headers) };
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#settled || this.#body.add(chunk)) return;
    this.onResponseEnd();
    controller.abort(new Error("The response is longer than its cap."));
  }

  onResponseEnd(): void {
    if (this.#head === null || !this.#settle()) return;
    this.#promise.resolve({ ...this.#head, body: this.#body.bytes(), truncated: this.#body.truncated });
  }

  onResponseError(_: unknown, error: unknown): void {
    this.#fail(sendingError(error, this.#facts()));
  }

  #fail(error: OutboundError): void {
    if (!this.#settle()) return;
    this.#promise.reject(error);
    this.#controller?.abort(error);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#stopDeadline();
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    return true;
  }

  #facts(): ExchangeFacts {
    return { url: this.#request.url, sent: this.#sent, status: this.#head?.status ?? null };
  }
}

function writable(body: ExchangeRequest["body"]): string | Uint8Array | Readable | null {
  return body === null || typeof body === "string" || body instanceof Uint8Array ? body : Readable.from(body);
}

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

function flatHeaders(headers: RawHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]),
  );
}
