import type { BotAttribution } from "../attribution.ts";
import type { SlackClient } from "../client.ts";
import type { LiveForm } from "./live-message.ts";
import type { StreamLimits } from "./stream-limits.ts";

export interface EditedFormOptions {
  readonly client: SlackClient;
  readonly channel: string;
  readonly threadTs: string | undefined;
  readonly author: BotAttribution;
  readonly limits: StreamLimits;
}

/** A message that is edited again and again, where there are no streams. */
export function createEditedForm({ client, limits, ...place }: EditedFormOptions): LiveForm {
  const { channel } = place;
  return {
    // Slack takes 12,000 as Markdown.
    capacity: 11_000,
    size: (text) => text.length,
    lifetimeMs: Infinity,
    paceMs: 1_000,
    waitMs: (call) => (call === "open" ? limits.beginsInMs() : limits.editsInMs()),
    async open({ whole }, metadata) {
      const ts = await client.post({ ...place, content: { markdown_text: whole }, metadata });
      limits.open.edited += 1;
      return {
        ts,
        grow: (text) => client.edit({ channel, ts, content: { markdown_text: text.whole } }),
        // What is shown has its last fence closed already.
        close: async () => void (limits.open.edited -= 1),
      };
    },
  };
}
