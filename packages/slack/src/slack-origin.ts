import type { JsonObject, Origin } from "@core/registry";
import { z } from "zod";

/** The message in Slack that a task came from, as the `ref` of the task's origin. */
export interface SlackOrigin {
  readonly channel_id: string;
  readonly message_ts: string;
  /** The thread that the message stands in. */
  readonly thread_ts?: string | undefined;
  /** The workspace whose token is used; missing: the one of SLACK_BOT_TOKEN. */
  readonly installation?: string | undefined;
  /** Who wrote it, which Slack wants to know before it streams an answer outside of direct messages. */
  readonly team_id?: string | undefined;
  readonly user_id?: string | undefined;
}

/** Names a message as the origin of a task. */
export function slackOrigin(message: SlackOrigin): Origin {
  return { integration: "slack", ref: JSON.parse(JSON.stringify(message)) };
}

/** Reads the origin of a task; null when it did not come from a message in Slack. */
export function readSlackOrigin(origin: Origin | null): SlackOrigin | null {
  if (origin?.integration !== "slack") return null;
  const { message_ts, thread_ts }: Partial<JsonObject> = { ...origin.ref };
  return refSchema.safeParse({ ...origin.ref, message_ts: message_ts ?? thread_ts }).data ?? null;
}

const timestamp = z.string().regex(/^\d+\.\d+$/);
const word = z.string().min(1).optional();

const refSchema: z.ZodType<SlackOrigin> = z.object({
  channel_id: z.string().min(1),
  message_ts: timestamp,
  thread_ts: timestamp.optional(),
  installation: word,
  team_id: word,
  user_id: word,
});
