import { permanent } from "@core/registry";
import type { DeliveryOutcome, ReceiverAnswer } from "@core/registry";
import { judgeStatus } from "../channels/notification-channel.ts";
import type {
  ChannelNotification,
  ComposedNotification,
  NotificationChannel,
} from "../channels/notification-channel.ts";
import type { Diagnostics } from "../diagnostics/diagnostic-hooks.ts";

/** A channel that throws nothing, whoever wrote it. */
export interface ContainedChannel {
  addressIssue(address: URL): string | null;
  /** Null when the channel failed. */
  compose(notification: ChannelNotification, address: URL): ComposedNotification | null;
  /** Delivered by 2xx only; whether that is enough is for the channel to say. */
  judge(answer: ReceiverAnswer): DeliveryOutcome;
  /** What a notification ends with when the channel failed. */
  readonly failure: DeliveryOutcome;
  /** Tells diagnostics what the channel has done wrong. */
  tell(doing: string, error: unknown): void;
}

/** Keeps what a channel throws from its callers, and tells diagnostics. */
export function containChannel(channel: NotificationChannel, diagnostics: Diagnostics): ContainedChannel {
  const failure = permanent({
    code: "channel_failed",
    message: `The channel "${channel.name}" failed at this notification. Tell its author.`,
  });
  return {
    failure,
    tell,
    addressIssue: (address) =>
      contained("addressIssue", () => channel.addressIssue?.(address) ?? null, failure.message),
    compose: (notification, address) =>
      contained("compose", () => withRequests(channel.compose(notification, address)), null),
    judge(answer) {
      const byStatus = judgeStatus(answer);
      const outcome = contained("judge", () => channel.judge?.(answer) ?? byStatus, failure);
      return outcome.status === "delivered" && byStatus.status !== "delivered" ? byStatus : outcome;
    },
  };

  function contained<Result>(doing: string, call: () => Result, otherwise: Result): Result {
    try {
      return call();
    } catch (error) {
      tell(doing, error);
      return otherwise;
    }
  }

  /** Of an error only its kind: its message may hold the address. */
  function tell(doing: string, error: unknown): void {
    const kind = error instanceof Error ? error.name : typeof error;
    const fault = new Error(`${doing} of the channel "${channel.name}" ended with a ${kind}.`);
    diagnostics.error("integrations.notification.channel", fault, { channel: channel.name });
  }
}

/** A notification without a request would count as delivered. */
function withRequests(composed: ComposedNotification): ComposedNotification {
  if (composed.requests.length > 0) return composed;
  throw new RangeError("A channel has composed no request.");
}
