import type { ApiAnswer, ApiCall, Method } from "./api-call.ts";
import { missingArgument, refused } from "./api-call.ts";
import { isStandardEmoji } from "./emoji-names.ts";
import { messagesOf } from "./message-rules.ts";
import type { StoredMessage } from "./message-rules.ts";
import type { SlackEmulator } from "./slack-emulator.ts";

/** The methods that set and take away reactions; `customEmoji` are the workspace's own names. */
export function reactionMethods(
  emulator: SlackEmulator,
  customEmoji: readonly string[],
): Readonly<Record<string, Method>> {
  return {
    "reactions.add": (call) => react(call, emulator, customEmoji),
    "reactions.remove": (call) => react(call, emulator, customEmoji),
  };
}

/** Who has reacted with what to a message. */
export function reactionsOf(message: StoredMessage): readonly FakeReaction[] {
  return (message["reactions"] ?? []) as FakeReaction[];
}

export interface FakeReaction {
  readonly name: string;
  readonly users: readonly string[];
}

/** Different ones on one message. */
const MOST_EMOJI = 23;

async function react(
  { method, args, caller }: ApiCall,
  emulator: SlackEmulator,
  customEmoji: readonly string[],
): Promise<ApiAnswer> {
  const { channel = "", timestamp: ts = "", name = "" } = args;
  const refusal = name === "" ? refused("invalid_name") : missingArgument(args, "channel", "timestamp");
  if (refusal !== undefined) return refusal;
  if (!isStandardEmoji(name) && !customEmoji.includes(name)) return refused("invalid_name");
  const found = await emulator.call("conversations.replies", { channel, ts });
  if (found.error === "channel_not_found") return refused("channel_not_found");
  const names = messagesOf(found)
    .filter((message) => message.ts === ts)
    .flatMap(reactionsOf)
    .map((one) => one.name);
  if (method === "reactions.add" && names.length >= MOST_EMOJI && !names.includes(name)) {
    return refused("too_many_emoji");
  }
  return emulator.call(method, args, caller.token);
}
