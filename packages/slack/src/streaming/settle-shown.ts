import type { Delivery, DeliveryContext, FailedDelivery, SentPart } from "@core/registry";
import { retryable } from "@core/registry";
import type { SlackAccess } from "../slack-access.ts";
import type { SlackTarget } from "../slack-target.ts";
import { fingerprint } from "./fingerprint.ts";

/**
 * Makes the messages that were shown while the text grew say what the parts of the whole text say, and takes back those
 * that are too many; what says so already is not touched. Gives back the parts that are sent: without those whose
 * message is gone, or cannot be changed any more.
 */
export async function settleShown(
  parts: readonly string[],
  { sent_parts: noted, target }: Delivery<SlackTarget>,
  { partSent }: DeliveryContext,
  access: SlackAccess,
): Promise<readonly SentPart[] | FailedDelivery> {
  const sent = new Map(noted.map((part) => [part.index, part]));
  for (const { index, external_id: ts = "", shows } of sent.values()) {
    const text = parts[index] ?? "";
    if (shows === undefined || shows === fingerprint(text)) continue;
    const failure = await change({ channel: target.channel_id, ts, text }, access);
    if (failure?.failure === "permanent") sent.delete(index);
    else if (failure !== null) return failure;
    else await partSent({ index, external_id: ts, shows: fingerprint(text) });
  }
  return [...sent.values()];
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
  if (failure?.failure !== "ambiguous") return failure;
  return retryable({ code: failure.code, message: failure.message });
}

/** What a crash has left may still be streaming, and takes no change before that has ended. */
async function failureOfChange(message: Change, access: SlackAccess): Promise<FailedDelivery | null> {
  const first = await attempt(() => applyChange(message, access), access);
  if (first?.code !== "streaming_state_conflict") return first;
  const { channel, ts } = message;
  const end = (): Promise<unknown> =>
    access.web.call("chat.stopStream", (sdk) => sdk.chat.stopStream({ channel, ts }));
  return (await attempt(end, access)) ?? attempt(() => applyChange(message, access), access);
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
