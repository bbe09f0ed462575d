import { setTimeout as sleepFor } from "node:timers/promises";
import { systemClock } from "@core/registry";
import type { Clock } from "@core/registry";
import ky from "ky";
import type { KyInstance } from "ky";
import { isOutboundError, OutboundError } from "./errors.ts";
import { createOutboundFetch } from "./outbound-fetch.ts";
import { parseOutboundUrl } from "./outbound-url.ts";
import type { Outbound } from "./outbound.ts";
import { parseRetryAfter } from "./retry-after.ts";
import { retryDelayMs } from "./retry-delay.ts";
import { maskUrl } from "./url-mask.ts";

export interface PostJsonOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Attempts after the first. Default 3. */
  readonly retries?: number;
  /** Of one attempt, up to the last byte of the answer. Default 15,000. */
  readonly timeoutMs?: number;
  /** Of all attempts and waits together. Default 60,000. */
  readonly budgetMs?: number;
  /** The answer is cut here. Default 64 KiB. */
  readonly maxResponseBytes?: number;
  /** Reads what an answer says beyond its status, after every attempt; what it leaves out is judged as without it. */
  readonly judge?: (answer: JsonAnswer) => AnswerJudgement;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly sleep?: (delayMs: number, signal?: AbortSignal) => Promise<void>;
}

export interface JsonAnswer {
  readonly status: number;
  /** The beginning of the answer. */
  readonly body: string;
}

export interface AnswerJudgement {
  /** Whether the same request may succeed soon. Default: after 408, 429 and 5xx. */
  readonly retryable?: boolean;
  /** How long the answer asks to wait. Default: what its `Retry-After` says. */
  readonly retryAfterMs?: number;
}

/** The answer of the last attempt; any status is a value. */
export interface PostedJson extends JsonAnswer {
  readonly attempts: number;
}

/**
 * Posts a value as JSON and tries again after 408, 429, 5xx, timeouts and passing network errors, with the same bytes.
 * A lost answer is tried again too, so the receiver may get the value twice.
 * @throws OutboundError of the last attempt when there was no answer; `details.attempts` counts them.
 */
export async function postJson(
  outbound: Outbound,
  url: string | URL,
  value: unknown,
  options: PostJsonOptions = {},
): Promise<PostedJson> {
  const settings = normalised(options);
  const { clock, signal } = settings;
  const post = createAttempt(outbound, parseOutboundUrl(url), bodyOf(url, value), settings);
  const deadlineMs = clock.now() + settings.budgetMs;

  for (let attempt = 0; ; attempt++) {
    const result = await post(Math.min(settings.timeoutMs, deadlineMs - clock.now()));
    const { retryable, retryAfterMs } = judged(result, settings);
    const delayMs = retryDelayMs({ attempt, random: settings.random(), retryAfterMs });
    const isLast = attempt >= settings.retries || clock.now() + delayMs >= deadlineMs;
    if (isLast || !retryable) return finished(result, attempt + 1);
    await sleepBetween(settings.sleep, delayMs, signal, url, attempt + 1);
  }
}

type Settings = Required<Omit<PostJsonOptions, "signal" | "maxResponseBytes">> &
  Pick<PostJsonOptions, "signal" | "maxResponseBytes">;

function normalised(options: PostJsonOptions): Settings {
  return {
    headers: {},
    retries: 3,
    timeoutMs: 15_000,
    budgetMs: 60_000,
    clock: systemClock,
    random: Math.random,
    judge: () => ({}),
    sleep: (delayMs, signal) => sleepFor(delayMs, undefined, signal ? { signal } : {}),
    ...options,
  };
}

/** Serialised once, so that every attempt sends the same bytes and a signature over them stays true. */
function bodyOf(url: string | URL, value: unknown): string {
  const body: string | undefined = JSON.stringify(value);
  if (body !== undefined) return body;
  throw new OutboundError({
    code: "OUTBOUND_REQUEST_INVALID",
    message: `The value for ${maskUrl(url)} cannot be written as JSON. Pass an object, array, string, number, boolean or null.`,
    details: { url: maskUrl(url), sent: "no" },
  });
}

type AttemptResult =
  | { readonly answer: JsonAnswer; readonly retryAfter: string | null }
  | { readonly answer?: undefined; readonly error: unknown };

function createAttempt(
  outbound: Outbound,
  url: URL,
  body: string,
  settings: Settings,
): (timeoutMs: number) => Promise<AttemptResult> {
  const { headers, signal, maxResponseBytes = 64 * 1024 } = settings;
  return async (timeoutMs) => {
    const fetch = createOutboundFetch(outbound, { timeoutMs, maxResponseBytes, oversize: "cut" });
    try {
      const response = await singleAttempt.post(url, {
        fetch,
        body,
        headers: { "content-type": "application/json", ...headers },
        ...(signal && { signal }),
      });
      const retryAfter = response.headers.get("retry-after");
      return { answer: { status: response.status, body: await response.text() }, retryAfter };
    } catch (error) {
      return { error };
    }
  };
}

// Retries, deadline and statuses are decided here and in outbound.request: ky's own would wait by the machine's
// clock, and its timeout ends before the body is read.
const singleAttempt: KyInstance = ky.create({ retry: 0, timeout: false, throwHttpErrors: false });

function judged(
  result: AttemptResult,
  { judge, clock }: Settings,
): { retryable: boolean; retryAfterMs: number | null } {
  if (!result.answer) {
    return { retryable: isOutboundError(result.error) && result.error.retryable, retryAfterMs: null };
  }
  const { status } = result.answer;
  return {
    retryable: status === 408 || status === 429 || status >= 500,
    retryAfterMs: parseRetryAfter(result.retryAfter, clock.now()),
    ...judge(result.answer),
  };
}

function finished(result: AttemptResult, attempts: number): PostedJson {
  if (result.answer) return { ...result.answer, attempts };
  if (!isOutboundError(result.error)) throw result.error;
  const { code, message, retryable, details, cause } = result.error;
  throw new OutboundError({ code, message, retryable, details: { ...details, attempts }, cause });
}

async function sleepBetween(
  sleep: Settings["sleep"],
  delayMs: number,
  signal: AbortSignal | undefined,
  url: string | URL,
  attempts: number,
): Promise<void> {
  try {
    await sleep(delayMs, signal);
    signal?.throwIfAborted();
  } catch (cause) {
    throw new OutboundError({
      code: "OUTBOUND_ABORTED",
      message: `Posting to ${maskUrl(url)} was aborted between two attempts.`,
      details: { url: maskUrl(url), sent: "maybe", attempts },
      cause,
    });
  }
}
