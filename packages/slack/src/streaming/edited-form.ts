import type { BotAttribution } from "../attribution.ts";
import type { SlackClient } from "../client.ts";
import type { LiveForm } from "./live-message.ts";
import type { StreamLimits } from "./stream-limits.ts";
import { admitTo } from "./stream-limits.ts";

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
    // Slack edits up to 4,000 characters.
    capacity: 3_800,
    size: (text) => text.length,
    lifetimeMs: Infinity,
    paceMs: 1_000,
    admit: (call) => (call === "open" ? 0 : admitTo(limits.edits)),
    async open({ whole }) {
      const ts = await client.post({ ...place, text: whole });
      return {
        ts,
        grow: (text) => client.edit({ channel, ts, text: text.whole }),
        // What is shown has its last fence closed already.
        close: async () => {},
      };
    },
  };
}
