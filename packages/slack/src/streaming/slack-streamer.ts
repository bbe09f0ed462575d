import type { DeliveryContext, GrowingDelivery, HostPort, StreamSink } from "@core/registry";
import { botAttribution } from "../attribution.ts";
import type { SlackAccessOptions } from "../slack-access.ts";
import { openSlack } from "../slack-access.ts";
import { readSlackOrigin } from "../slack-origin.ts";
import type { SlackTarget } from "../slack-target.ts";
import { threadOf } from "../slack-target.ts";
import { createEditedForm } from "./edited-form.ts";
import type { LiveForm } from "./live-message.ts";
import type { StreamPlace } from "./native-form.ts";
import { createNativeForm } from "./native-form.ts";
import type { StreamLimits } from "./stream-limits.ts";
import { createStreamLimits } from "./stream-limits.ts";
import type { StreamStage } from "./stream-sink.ts";
import { createStreamSink } from "./stream-sink.ts";

export interface SlackStreamerOptions {
  readonly access: SlackAccessOptions;
  /** Is asked to cancel the task of a stream that a person has stopped. */
  readonly host: Pick<HostPort, "cancelTask">;
}

/** Shows results while they grow: as Slack's own streams, else by edits; where neither can be, only in the end. */
export function createSlackStreamer({
  access,
  host,
}: SlackStreamerOptions): (delivery: GrowingDelivery<SlackTarget>, context: DeliveryContext) => StreamSink {
  const limitsOf = createStreamLimits(access.budget);
  return (delivery, context) => {
    const { logger } = context;
    const log = logger.child({ delivery_id: delivery.id });
    return createStreamSink({
      openStage: () => openStage(delivery, context, access, limitsOf),
      deliveryId: delivery.id,
      note: context.partSent,
      onStopped: () => {
        host.cancelTask(delivery.task_id).catch((error: unknown) => {
          log.warn({ err: error, task_id: delivery.task_id }, "A task that was stopped in Slack goes on.");
        });
      },
      clock: context.clock,
      logger: log,
    });
  };
}

/** What an earlier run has shown is put right in the end, and not shown to grow once more. */
async function openStage(
  delivery: GrowingDelivery<SlackTarget>,
  { logger }: DeliveryContext,
  options: SlackAccessOptions,
  limitsOf: (team: string) => StreamLimits,
): Promise<StreamStage | null> {
  const { target, bot, sent_parts: earlier } = delivery;
  const { channel_id: channel } = target;
  if (earlier.length > 0) return null;
  // The end of a run ends its calls, and what is open has still to be closed.
  const access = await openSlack(target, { signal: new AbortController().signal, logger }, options);
  if ("status" in access) return null;
  const { client, web, team, failureOf } = access;
  const limits = limitsOf(team);
  const author = botAttribution(bot);
  const edited = createEditedForm({ client, channel, threadTs: threadOf(target), author, limits });
  const place = streamPlace(delivery);
  const native: readonly LiveForm[] =
    place === null ? [] : [createNativeForm({ web, place, author, limits })];
  return { forms: [...native, edited], failureOf };
}

/** Slack streams into threads alone, and outside of direct messages only for somebody. */
function streamPlace({ target, origin }: GrowingDelivery<SlackTarget>): StreamPlace | null {
  const { channel_id: channel } = target;
  const threadTs = threadOf(target);
  if (threadTs === undefined) return null;
  const { team_id: team, user_id: user } = readSlackOrigin(origin) ?? {};
  if (team !== undefined && user !== undefined) return { channel, threadTs, recipient: { team, user } };
  return channel.startsWith("D") ? { channel, threadTs } : null;
}
