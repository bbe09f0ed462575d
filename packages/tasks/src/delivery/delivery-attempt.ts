import type {
  Bot,
  Clock,
  DeliveryContext,
  DeliveryOutcome,
  Dispatcher,
  Logger,
  SentPart,
} from "@core/registry";
import { ambiguous, parseTarget, permanent, readStoredTarget, retryable } from "@core/registry";
import { settledBeforeAbort } from "../lease/abort-grace.ts";
import type { ClaimedDelivery } from "./delivery-claim.ts";
import { deliveryOf, payloadIssue } from "./delivery-payload.ts";
import { readOutcome } from "./delivery-outcome.ts";
import { reconcileLostAnswer } from "./delivery-reconciliation.ts";
import { storable } from "../store/storable-text.ts";
import { messageOf } from "../thrown-value.ts";
import type { ResolveFileLink } from "./unsupported-files.ts";
import { withoutUnsupportedFiles } from "./unsupported-files.ts";

export interface AttemptOptions {
  readonly dispatcher: Dispatcher;
  readonly resolveBot: (botId: string) => Promise<Bot | null>;
  readonly fileLink: ResolveFileLink;
  readonly partSent: (part: SentPart) => Promise<void>;
  readonly signal: AbortSignal;
  /** Given up, and counted as a lost answer, when the dispatcher has not come back this long after. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The code of an attempt that failed before anything was sent. */
export const NOT_PREPARED = "not_prepared";

/** How an attempt ended. */
export interface AttemptEnd {
  readonly outcome: DeliveryOutcome;
  /** Whether the receiver may be asked later what became of a lost answer. */
  readonly canReconcile: boolean;
}

/**
 * Makes one attempt and always comes back with a value that can be stored. A throw or a dispatcher that hangs is a
 * lost answer; whatever goes wrong before the dispatcher is called is known not to have been sent.
 */
export async function attemptDelivery(
  claimed: ClaimedDelivery,
  options: AttemptOptions,
): Promise<AttemptEnd> {
  const { dispatcher } = options;
  const timeout = new AbortController();
  const cancel = options.clock.after(options.timeoutMs, () =>
    timeout.abort(new Error("The attempt took too long.")),
  );
  const signal = AbortSignal.any([options.signal, timeout.signal]);
  const { uncertain, attempt } = claimed.row;
  const progress = {
    // Before the first attempt there was but a stream, which notes what it is about to show.
    mayHaveSent: uncertain && attempt > 1 && dispatcher.idempotent !== true,
    canReconcile: dispatcher.reconcile !== undefined,
  };
  const end = (outcome: DeliveryOutcome): AttemptEnd => ({
    outcome: settleAmbiguity(dispatcher, outcome),
    canReconcile: progress.canReconcile,
  });
  try {
    const work = prepareAndSend(claimed, options, { ...options, signal }, progress);
    return end(readOutcome(await settledBeforeAbort(work, signal, options.clock)));
  } catch (error) {
    const message = storable(messageOf(error));
    if (progress.mayHaveSent) return end(ambiguous({ code: "answer_lost", message }));
    return end(retryable({ code: NOT_PREPARED, message }));
  } finally {
    cancel();
  }
}

async function prepareAndSend(
  claimed: ClaimedDelivery,
  options: AttemptOptions,
  context: DeliveryContext,
  progress: { mayHaveSent: boolean; canReconcile: boolean },
): Promise<DeliveryOutcome> {
  const { dispatcher } = options;
  const read = claimed.row.target_checked ? readStoredTarget : parseTarget;
  const target = await read(dispatcher, claimed.row.target);
  if (!target.ok) {
    const message = target.issues.map((issue) => `${issue.field}: ${issue.message}`).join(" ");
    return permanent({ code: "invalid_target", message });
  }
  const issue = payloadIssue(claimed.row.kind, claimed.content);
  if (issue !== null) return permanent({ code: "invalid_payload", message: issue });
  const { bot_id: botId } = claimed.row;
  const bot = botId === null ? null : await options.resolveBot(botId);
  const whole = deliveryOf(claimed, target.target, bot);
  const delivery = withoutUnsupportedFiles(whole, dispatcher, options.fileLink);
  // Given up meanwhile, it must not be sent behind the back of the attempt that follows.
  context.signal.throwIfAborted();
  if (!progress.mayHaveSent) {
    progress.mayHaveSent = true;
    return dispatcher.deliver(delivery, context);
  }
  const earlier = await reconcileLostAnswer(dispatcher, delivery, context);
  if (earlier.outcome !== null) {
    progress.canReconcile = false;
    return earlier.outcome;
  }
  progress.mayHaveSent = false;
  context.signal.throwIfAborted();
  progress.mayHaveSent = true;
  return dispatcher.deliver({ ...delivery, sent_parts: earlier.sentParts }, context);
}

/** Where the receiver drops duplicates, sending again is safe. */
function settleAmbiguity(dispatcher: Dispatcher, outcome: DeliveryOutcome): DeliveryOutcome {
  if (outcome.status !== "failed" || outcome.failure !== "ambiguous" || !dispatcher.idempotent)
    return outcome;
  return { ...outcome, failure: "retryable" };
}
