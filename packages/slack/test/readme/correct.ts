import type { DeliveryOutcome, IntegrationContext } from "@core/registry";
import { createSlackMessages } from "@integration/slack";

/** Corrects a message that a delivery has posted, by one of the external ids of its outcome; without a text it goes. */
export async function correct(
  channelId: string,
  ts: string,
  text: string,
  context: IntegrationContext,
): Promise<DeliveryOutcome> {
  const messages = createSlackMessages(context);
  const message = { channel_id: channelId, ts };
  return text === "" ? messages.remove(message) : messages.edit(message, text);
}
