import type { Origin } from "@core/registry";
import { slackOrigin } from "@integration/slack";

export const origin: Origin = slackOrigin({
  channel_id: "C0123456789",
  message_ts: "1730000000.000100", // the message that is answered
  team_id: "T0123456789", // who wrote it, for Slack's streams
  user_id: "U0123456789",
});
// POST /api/v1/tasks { …, "origin": { "integration": "slack", "ref": { "channel_id": "C0123456789", … } } }
