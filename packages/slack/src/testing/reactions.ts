import type { ApiAnswer, ApiCall, Method } from "./api-call.ts";
import { missingArgument, refused } from "./api-call.ts";
import type { ReactionEvent } from "./events.ts";
import { isStandardEmoji } from "./emoji-names.ts";
import { findMessage } from "./message-rules.ts";
import type { SlackEmulator } from "./slack-emulator.ts";

export interface ReactionOptions {
  readonly emulator: SlackEmulator;
  /** The workspace's own names. */
  readonly customEmoji: readonly string[];
  readonly onReaction: (reaction: ReactionEvent) => void;
}

/** The methods that set and take away reactions. */
export function reactionMethods(options: ReactionOptions): Readonly<Record<string, Method>> {
  return {
    "reactions.add": (call) => react(call, "reaction_added", options),
    "reactions.remove": (call) => react(call, "reaction_removed", options),
  };
}

/** Different ones on one message. */
const MOST_EMOJI = 23;

async function react(
  { method, args, caller }: ApiCall,
  type: ReactionEvent["type"],
  { emulator, customEmoji, onReaction }: ReactionOptions,
): Promise<ApiAnswer> {
  const { channel = "", timestamp: ts = "", name = "" } = args;
  const refusal = name === "" ? refused("invalid_name") : missingArgument(args, "channel", "timestamp");
  if (refusal !== undefined) return refusal;
  if (!isStandardEmoji(name) && !customEmoji.includes(name)) return refused("invalid_name");
  const found = await findMessage(emulator, channel, ts);
  if (found.refusal !== undefined) return found.refusal;
  const names = found.message?.reactions?.map((reaction) => reaction.name) ?? [];
  const isOneMore = type === "reaction_added" && !names.includes(name);
  if (isOneMore && names.length >= MOST_EMOJI) return refused("too_many_emoji");
  const answer = await emulator.call(method, args, caller.token);
  if (answer.ok) onReaction({ type, user: caller.userId ?? "", name, channel, ts });
  return answer;
}
