import type { Delivery, DeliveryContext } from "@core/registry";
import type { SlackAccess } from "./slack-access.ts";
import type { SlackTarget } from "./slack-target.ts";

/** What one attempt has to send: first the parts of its text, then its files, which are parts, too. */
export interface PartsOrder {
  readonly delivery: Delivery<SlackTarget>;
  readonly context: DeliveryContext;
  readonly access: SlackAccess;
  /** The parts that are there, with Slack's names for them; grows. */
  readonly sent: Map<number, string | undefined>;
  readonly total: number;
  /** Posts a message signed by the bot and tells its timestamp; it is all parts up to `last`. Rejects as `SlackWeb` does. */
  post(text: string, index: number, last?: number): Promise<string>;
}
