import type { DeliveryAttempt } from "@core/outbound";
import { deliveryOutcome, maskUrl, retryDelayMs } from "@core/outbound";
import type { FailedDelivery } from "@core/registry";
import type { IntegrationsParts } from "../integrations-parts.ts";
import type { StoredWebhook } from "../state/integration-state.ts";
import type { AttemptPlaces } from "./attempt-places.ts";
import { attemptWebhook } from "./webhook-attempt.ts";
import type { WebhookSigner, SignerAnswer } from "./webhook-signers.ts";
import type { EmitDelivery } from "./webhooks.ts";

/** What all deliveries of one event have in common. */
export interface EventDelivery {
  readonly id: string;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly deadlineMs: number;
  readonly places: AttemptPlaces;
  readonly signerOf: (webhook: StoredWebhook) => SignerAnswer;
  /** The caller's: ends an attempt under way. */
  readonly signal?: AbortSignal;
  /** Ends waiting: when the caller wants no more, and at the deadline. */
  readonly waiting: AbortSignal;
}

/** Posts an event to one webhook, and again while that may help and there is time. Failures are values. */
export async function deliverEvent(
  parts: IntegrationsParts,
  webhook: StoredWebhook,
  event: EventDelivery,
): Promise<EmitDelivery> {
  const signer = event.signerOf(webhook);
  if (!signer.ok) return report(webhook, 0, null, signer);

  let last: DeliveryAttempt | null = null;
  for (let attempt = 1; ; attempt += 1) {
    const leave = await placeFor(webhook, event);
    if (leave === null) return ending(webhook, attempt - 1, last, event);
    try {
      last = await post(parts, webhook, event, signer.sign);
    } finally {
      leave();
    }
    const delayMs = delayAfter(parts, last, attempt, event);
    if (delayMs === null || !(await pause(parts, delayMs, event.waiting))) {
      return ending(webhook, attempt, last, event);
    }
  }
}

/** Null when waiting has ended, which is all that it can reject with. */
function placeFor({ url }: StoredWebhook, { places, waiting }: EventDelivery): Promise<(() => void) | null> {
  return places.take(URL.parse(url)?.origin ?? "", waiting).catch(() => null);
}

function post(
  parts: IntegrationsParts,
  webhook: StoredWebhook,
  { id, body, timeoutMs, deadlineMs, signal }: EventDelivery,
  sign: WebhookSigner,
): Promise<DeliveryAttempt> {
  return attemptWebhook(parts, webhook, {
    id,
    body,
    sign,
    timeoutMs: Math.max(1, Math.min(timeoutMs, deadlineMs - parts.clock.now())),
    ...(signal && { signal }),
  });
}

/** Null when another attempt would not help, is one too many, or would come too late. */
function delayAfter(
  { clock, random }: IntegrationsParts,
  last: DeliveryAttempt,
  attempt: number,
  { retries, deadlineMs }: EventDelivery,
): number | null {
  if (attempt > retries || !mayPass(last)) return null;
  const retryAfterMs = last.status === "answered" ? last.retryAfterMs : null;
  const delayMs = retryDelayMs({ attempt: attempt - 1, random: random(), retryAfterMs });
  return clock.now() + delayMs < deadlineMs ? delayMs : null;
}

function mayPass(attempt: DeliveryAttempt): boolean {
  if (attempt.status === "failed") return attempt.error.retryable;
  const { status } = attempt.answer;
  return status === 408 || status === 429 || status >= 500;
}

/** False when the signal has ended it. Nobody's place is held meanwhile. */
function pause({ clock }: IntegrationsParts, delayMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const giveUp = (): void => {
      stop();
      resolve(false);
    };
    const stop = clock.after(delayMs, () => {
      signal.removeEventListener("abort", giveUp);
      resolve(true);
    });
    signal.addEventListener("abort", giveUp, { once: true });
  });
}

/** What became of it: as the last attempt says, unless there was none or the caller has ended it. */
function ending(
  webhook: StoredWebhook,
  attempts: number,
  last: DeliveryAttempt | null,
  { signal }: EventDelivery,
): EmitDelivery {
  if (last === null) return report(webhook, attempts, null, signal?.aborted ? ABORTED : NO_PLACE);
  const outcome = deliveryOutcome(last, { policy: "webhook_event", idempotent: true });
  const status = last.status === "answered" ? last.answer.status : null;
  return report(webhook, attempts, status, outcome.status === "failed" ? outcome : null);
}

const ABORTED = { code: "aborted", message: "It was aborted by its caller before it was sent." };
const NO_PLACE = {
  code: "no_place",
  message: "Nothing was sent: too many other attempts were under way until the time for this event was over.",
};

function report(
  { id, url }: StoredWebhook,
  attempts: number,
  httpStatus: number | null,
  failure: Pick<FailedDelivery, "code" | "message"> | null,
): EmitDelivery {
  return {
    webhook_id: id,
    url: maskUrl(url),
    status: failure === null ? "delivered" : "failed",
    http_status: httpStatus,
    attempts,
    error: failure === null ? null : { code: failure.code, message: failure.message },
  };
}
