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
  /** Null when the channel failed. */
  compose(notification: ChannelNotification, address: URL): ComposedNotification | null;
  /** Delivered by 2xx only; whether that is enough is for the channel to say. */
  judge(answer: ReceiverAnswer): DeliveryOutcome;
  /** What a notification ends with when the channel failed. */
  readonly failure: DeliveryOutcome;
}

/** Keeps what a channel throws from its callers, and tells diagnostics. */
export function containChannel(channel: NotificationChannel, diagnostics: Diagnostics): ContainedChannel {
  const failure = permanent({
    code: "channel_failed",
    message: `The channel "${channel.name}" failed at this notification. Tell its author.`,
  });
  return {
    failure,
    compose: (notification, address) => contained("compose", () => channel.compose(notification, address)),
    judge(answer) {
      const byStatus = judgeStatus(answer);
      const outcome = contained("judge", () => channel.judge?.(answer) ?? byStatus) ?? failure;
      return outcome.status === "delivered" && byStatus.status !== "delivered" ? byStatus : outcome;
    },
  };

  /** Of what is thrown only its kind is told: its message may hold the address. */
  function contained<Result>(doing: string, call: () => Result): Result | null {
    try {
      return call();
    } catch (error) {
      const kind = error instanceof Error ? error.name : typeof error;
      const fault = new Error(`${doing} of the channel "${channel.name}" threw a ${kind}.`);
      diagnostics.error("integrations.notification.channel", fault, { channel: channel.name });
      return null;
    }
  }
}
