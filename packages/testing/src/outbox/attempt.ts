import type {
  Delivery,
  DeliveryContext,
  DeliveryOutcome,
  Dispatcher,
  FailedDelivery,
  SentPart,
} from "@core/registry";
import { ambiguous, delivered } from "@core/registry";
import { readOutcome } from "./outcome-reading.ts";

/** One attempt as the outbox sees it. */
export interface AttemptRecord {
  /** A throw, an attempt that hangs and a process that dies are lost answers: `ambiguous`. */
  readonly outcome: DeliveryOutcome;
  /** `hung`: it did not come back after its signal was aborted. `died`: its process was gone. */
  readonly ending: "returned" | "threw" | "hung" | "died";
}

export interface AttemptLimits {
  /** When the attempt's signal is aborted, in real time. */
  readonly attemptMs: number;
  /** How long after that it is given up. */
  readonly graceMs: number;
}

export interface AttemptOptions {
  readonly dispatcher: Dispatcher;
  readonly delivery: Delivery;
  /** An earlier attempt's answer was lost. */
  readonly uncertain: boolean;
  readonly context: DeliveryContext;
  readonly limits: AttemptLimits;
  /** Resolves when the process dies under the attempt. */
  readonly death: Promise<void>;
}

/** Makes one attempt, or asks first what became of the last one. Never rejects, and always comes back. */
export async function makeAttempt(options: AttemptOptions): Promise<AttemptRecord> {
  const deadline = new AbortController();
  const signal = AbortSignal.any([options.context.signal, deadline.signal]);
  const { attemptMs, graceMs } = options.limits;
  const abort = setTimeout(() => deadline.abort(new Error("The attempt took too long.")), attemptMs);
  const hang = hanging(signal, graceMs);
  const death = options.death.then(() => lost("died", "The process died during the attempt."));
  try {
    return await Promise.race([ended(options, { ...options.context, signal }), hang.promise, death]);
  } finally {
    clearTimeout(abort);
    hang.cancel();
  }
}

async function ended(options: AttemptOptions, context: DeliveryContext): Promise<AttemptRecord> {
  try {
    return { ending: "returned", outcome: readOutcome(await sendOrAsk(options, context)) };
  } catch (error) {
    return lost("threw", error instanceof Error ? error.message : String(error));
  }
}

async function sendOrAsk(
  { dispatcher, delivery, uncertain }: AttemptOptions,
  context: DeliveryContext,
): Promise<DeliveryOutcome> {
  if (!uncertain || dispatcher.idempotent) return dispatcher.deliver(delivery, context);
  const answer = (await dispatcher.reconcile?.(delivery, context)) ?? { status: "unknown" };
  if (answer.status === "sent") return delivered({ externalIds: answer.externalIds });
  if (answer.status !== "not_sent" && answer.status !== "partly_sent") return unknownWhetherSent;
  const found = answer.status === "partly_sent" ? newParts(answer.parts, delivery.sent_parts) : [];
  for (const part of found) await context.partSent(part);
  context.signal.throwIfAborted();
  return dispatcher.deliver({ ...delivery, sent_parts: [...delivery.sent_parts, ...found] }, context);
}

function newParts(parts: readonly SentPart[], known: readonly SentPart[]): SentPart[] {
  return parts.filter(({ index }) => known.every((part) => part.index !== index));
}

/** The receiver's last word: it is not asked again. */
export const unknownWhetherSent: FailedDelivery = ambiguous({
  code: "unknown_whether_sent",
  message: "An answer was lost, and the receiver cannot tell whether it arrived.",
});

function lost(ending: AttemptRecord["ending"], message: string): AttemptRecord {
  return { ending, outcome: ambiguous({ code: "answer_lost", message }) };
}

interface Hanging {
  readonly promise: Promise<AttemptRecord>;
  cancel(): void;
}

function hanging(signal: AbortSignal, graceMs: number): Hanging {
  const { promise, resolve } = Promise.withResolvers<AttemptRecord>();
  let timer: NodeJS.Timeout | undefined;
  const message = `The attempt had not come back ${graceMs} ms after its signal was aborted.`;
  const wait = (): void => {
    timer = setTimeout(() => resolve(lost("hung", message)), graceMs);
  };
  if (signal.aborted) wait();
  else signal.addEventListener("abort", wait, { once: true });
  return {
    promise,
    cancel() {
      clearTimeout(timer);
      signal.removeEventListener("abort", wait);
    },
  };
}
