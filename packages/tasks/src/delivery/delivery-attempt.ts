import type {
  Bot,
  Clock,
  Delivery,
  DeliveryContext,
  DeliveryOutcome,
  Dispatcher,
  Logger,
  SentPart,
} from "@core/registry";
import { ambiguous, delivered, parseTarget, permanent, readStoredTarget, retryable } from "@core/registry";
import { settledBeforeAbort } from "../lease/abort-grace.ts";
import type { ClaimedDelivery } from "./delivery-claim.ts";
import { deliveryOf } from "./delivery-payload.ts";
import { readOutcome } from "./delivery-outcome.ts";
import { storable } from "../store/storable-text.ts";
import { messageOf } from "../thrown-value.ts";

export interface AttemptOptions {
  readonly dispatcher: Dispatcher;
  readonly resolveBot: (botId: string) => Promise<Bot | null>;
  readonly partSent: (part: SentPart) => Promise<void>;
  readonly signal: AbortSignal;
  /** Given up, and counted as a lost answer, when the dispatcher has not come back this long after. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Makes one attempt and always comes back with a value that can be stored. A throw or a dispatcher that hangs is a
 * lost answer; whatever goes wrong before the dispatcher is called is known not to have been sent.
 */
export async function attemptDelivery(
  claimed: ClaimedDelivery,
  options: AttemptOptions,
): Promise<DeliveryOutcome> {
  const { dispatcher } = options;
  const timeout = new AbortController();
  const cancel = options.clock.after(options.timeoutMs, () =>
    timeout.abort(new Error("The attempt took too long.")),
  );
  const signal = AbortSignal.any([options.signal, timeout.signal]);
  const progress = { isPrepared: false };
  try {
    const work = prepareAndSend(claimed, options, { ...options, signal }, progress);
    return settleAmbiguity(dispatcher, readOutcome(await settledBeforeAbort(work, signal, options.clock)));
  } catch (error) {
    const message = storable(messageOf(error));
    const isUnsent = !progress.isPrepared && (!claimed.row.uncertain || dispatcher.idempotent === true);
    if (isUnsent) return retryable({ code: "not_prepared", message });
    return settleAmbiguity(dispatcher, ambiguous({ code: "answer_lost", message }));
  } finally {
    cancel();
  }
}

async function prepareAndSend(
  claimed: ClaimedDelivery,
  options: AttemptOptions,
  context: DeliveryContext,
  progress: { isPrepared: boolean },
): Promise<DeliveryOutcome> {
  const { dispatcher } = options;
  const read = claimed.row.target_checked ? readStoredTarget : parseTarget;
  const target = await read(dispatcher, claimed.row.target);
  if (!target.ok) {
    const message = target.issues.map((issue) => `${issue.field}: ${issue.message}`).join(" ");
    return permanent({ code: "invalid_target", message });
  }
  const { bot_id: botId } = claimed.row;
  const bot = botId === null ? null : await options.resolveBot(botId);
  const delivery = deliveryOf(claimed, target.target, bot);
  // Given up meanwhile, it must not be sent behind the back of the attempt that follows.
  context.signal.throwIfAborted();
  progress.isPrepared = true;
  if (claimed.row.uncertain && !dispatcher.idempotent) {
    const earlier = await reconcile(dispatcher, delivery, context);
    if (earlier !== "not_sent") return earlier;
    context.signal.throwIfAborted();
  }
  return dispatcher.deliver(delivery, context);
}

/** Finds out what became of an attempt whose answer was lost. */
async function reconcile(
  dispatcher: Dispatcher,
  delivery: Delivery,
  context: DeliveryContext,
): Promise<DeliveryOutcome | "not_sent"> {
  const answer = (await dispatcher.reconcile?.(delivery, context)) ?? { status: "unknown" };
  if (answer.status === "not_sent") return "not_sent";
  if (answer.status === "sent") return delivered({ externalIds: answer.externalIds });
  return ambiguous({
    code: "unknown_whether_sent",
    message: "An earlier attempt's answer was lost, and the receiver cannot tell whether it arrived.",
  });
}

/** Where the receiver drops duplicates, sending again is safe. */
function settleAmbiguity(dispatcher: Dispatcher, outcome: DeliveryOutcome): DeliveryOutcome {
  if (outcome.status !== "failed" || outcome.failure !== "ambiguous" || !dispatcher.idempotent)
    return outcome;
  return { ...outcome, failure: "retryable" };
}
