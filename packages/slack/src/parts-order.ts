import type { Delivery, DeliveryContext } from "@core/registry";
import type { PartMark } from "./delivery-metadata.ts";
import type { MessageContent } from "./message-parts.ts";
import type { SlackAccess } from "./slack-access.ts";
import type { SlackTarget } from "./slack-target.ts";

/** What one attempt works with: it sends the parts of a text first, then files, which are parts, too. */
export interface PartsOrder {
  readonly delivery: Delivery<SlackTarget>;
  readonly context: DeliveryContext;
  readonly access: SlackAccess;
  /** The parts that are there, with Slack's names for them; grows. */
  readonly sent: Map<number, string | undefined>;
  /**
   * Posts what `write` makes, signed by the bot, and tells its timestamp. Where Slack lets nobody sign, `write` is
   * given the bot's name instead of "". Rejects as `SlackWeb` does.
   */
  post(write: (username: string) => MessageContent, place: PartMark): Promise<string>;
}
