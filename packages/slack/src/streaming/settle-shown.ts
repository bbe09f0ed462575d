import type { Delivery, DeliveryContext, FailedDelivery } from "@core/registry";
import { retryable } from "@core/registry";
import type { SlackAccess } from "../slack-access.ts";
import type { SlackTarget } from "../slack-target.ts";
import { fingerprint } from "./fingerprint.ts";

/**
 * Makes the messages that were shown while the text grew say what the parts of the whole text say, and takes back those
 * that are too many; what says so already is not touched. Null when that is done.
 */
export async function settleShown(
  parts: readonly string[],
  { sent_parts: sent, target }: Delivery<SlackTarget>,
  { partSent }: DeliveryContext,
  access: SlackAccess,
): Promise<FailedDelivery | null> {
  const shown = sent.filter(({ shows }) => shows !== undefined);
  const latest = new Map(shown.map((part) => [part.index, part]));
  for (const { index, external_id: ts = "", shows } of latest.values()) {
    const text = parts[index] ?? "";
    if (shows === fingerprint(text)) continue;
    const failure = await change({ channel: target.channel_id, ts, text }, access);
    if (failure !== null) return failure;
    await partSent({ index, external_id: ts, shows: fingerprint(text) });
  }
  return null;
}

interface Change {
  readonly channel: string;
  readonly ts: string;
  /** "": the message is taken back. */
  readonly text: string;
}

/** A change that may have been made is made once more: it comes to the same. */
async function change(message: Change, access: SlackAccess): Promise<FailedDelivery | null> {
  const failure = await failureOfChange(message, access);
  if (failure?.code === "message_not_found" && message.text === "") return null;
  if (failure?.failure !== "ambiguous") return failure;
  return retryable({ code: failure.code, message: failure.message });
}

async function failureOfChange(message: Change, access: SlackAccess): Promise<FailedDelivery | null> {
  const first = await attempt(() => applyChange(message, access), access);
  if (first?.code !== "streaming_state_conflict") return first;
  const { channel, ts } = message;
  await attempt(
    () => access.web.call("chat.stopStream", (sdk) => sdk.chat.stopStream({ channel, ts })),
    access,
  );
  return attempt(() => applyChange(message, access), access);
}

function applyChange({ text, ...message }: Change, { client }: SlackAccess): Promise<void> {
  return text === "" ? client.remove(message) : client.edit({ ...message, text });
}

async function attempt(
  call: () => Promise<unknown>,
  { failureOf }: SlackAccess,
): Promise<FailedDelivery | null> {
  try {
    await call();
    return null;
  } catch (error) {
    return failureOf(error);
  }
}
