import type { FailedDelivery } from "@core/registry";
import { retryable } from "@core/registry";
import type { DeliveryMetadata } from "./delivery-metadata.ts";
import type { MessageContent } from "./message-parts.ts";
import type { SlackAccess } from "./slack-access.ts";

/** What becomes of one of the app's own messages. */
export interface MessageChange {
  readonly channel: string;
  readonly ts: string;
  /** Null: it is taken back. */
  readonly content: MessageContent | null;
  /** Missing: it keeps what it has. */
  readonly metadata?: DeliveryMetadata;
}

/** Changes a message, and tells why not. A change that may have been made is made once more: it comes to the same. */
export async function changeMessage(
  change: MessageChange,
  access: SlackAccess,
): Promise<FailedDelivery | null> {
  const failure = await failureOfChange(change, access);
  if (failure?.failure !== "ambiguous") return failure;
  return retryable({ code: failure.code, message: failure.message });
}

/** What a crash has left may still be streaming, and takes no change before that has ended. */
async function failureOfChange(change: MessageChange, access: SlackAccess): Promise<FailedDelivery | null> {
  const first = await attempt(() => applyChange(change, access), access);
  if (first?.code !== "streaming_state_conflict") return first;
  const { channel, ts } = change;
  const end = (): Promise<unknown> =>
    access.web.call("chat.stopStream", (sdk) => sdk.chat.stopStream({ channel, ts }));
  return (await attempt(end, access)) ?? attempt(() => applyChange(change, access), access);
}

function applyChange({ content, ...message }: MessageChange, { client }: SlackAccess): Promise<void> {
  return content === null ? client.remove(message) : client.edit({ ...message, content });
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
