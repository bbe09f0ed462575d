import type { StandardSchema } from "@core/registry";
import { z } from "zod";

/** Where a delivery goes in Slack. */
export interface SlackTarget {
  /** A channel, a direct message, a group or a user, by its id. */
  readonly channel_id: string;
  /** The workspace whose token is used; missing: the one of SLACK_BOT_TOKEN. */
  readonly installation?: string | undefined;
  /** The message whose thread is answered in. */
  readonly thread_ts?: string | undefined;
  /** False: into the channel, though there is a `thread_ts`. */
  readonly reply_in_thread?: boolean | undefined;
}

const CHANNEL_ID = /^[CDGU][A-Z0-9]+$/;

/** Reads a target when it is written. A token in the place of an installation's name is refused. */
export const slackTargetSchema: StandardSchema<unknown, SlackTarget> = z.strictObject({
  channel_id: z
    .string('Add the id of a channel, such as "C0123456789".')
    .regex(
      CHANNEL_ID,
      'This is no channel id. Write one such as "C0123456789": Slack shows it at the end of the channel\'s details. A name such as "#general" does not do.',
    ),
  installation: z
    .string()
    .regex(
      /^(?!xox|xapp)[\w-]{1,64}$/i,
      'This is no name of an installation. Write one such as "T0123456789", and never a token.',
    )
    .optional(),
  thread_ts: z
    .string()
    .regex(
      /^\d+\.\d+$/,
      'This is no timestamp of a message. Write one such as "1730000000.000100", as a text.',
    )
    .optional(),
  reply_in_thread: z.boolean().optional(),
});

/** Whether a text has the form of the ids that a target may name. */
export function isChannelId(text: string): boolean {
  return CHANNEL_ID.test(text);
}

/** The thread that a delivery goes into; undefined when it goes into the channel. */
export function threadOf(target: SlackTarget): string | undefined {
  return target.reply_in_thread === false ? undefined : target.thread_ts;
}

/** Messages into one thread keep their order, and so do those into the channel itself; neither waits for the other. */
export function slackOrderKey(target: SlackTarget): string {
  const { installation = "", channel_id: channelId } = target;
  const thread = threadOf(target);
  return `${installation}/${channelId}${thread === undefined ? "" : `/${thread}`}`;
}

/**
 * Results grow in threads alone: a channel is read from its end, and what grew there would hold up all that is posted
 * behind it. A user's id does to post, and not to change what was posted.
 */
export function slackStreamsTo(target: SlackTarget): boolean {
  return threadOf(target) !== undefined && !target.channel_id.startsWith("U");
}
