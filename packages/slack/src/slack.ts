import { defineIntegration } from "@core/registry";
import type { Integration } from "@core/registry";
import { botAttribution } from "./attribution.ts";
import { MESSAGE_CHARACTERS } from "./message-parts.ts";
import { slackConfigSchema } from "./slack-config.ts";
import { createSlackInstance } from "./slack-instance.ts";
import { isChannelId, slackOrderKey, slackTargetSchema } from "./slack-target.ts";
import { TOKEN_VARIABLE } from "./slack-token.ts";

const CLIENT_ID_PREFIX = "slack:";

/** Slack as an integration: posts results into channels and threads. */
export const slack: Integration = defineIntegration({
  type: "slack",
  apiVersion: 1,
  packageName: "@integration/slack",
  description: "Posts results and messages into Slack's channels and threads.",
  environment: {
    required: [TOKEN_VARIABLE],
    optional: ["SLACK_API_URL", "SLACK_STATUS", "SLACK_AUDIT_CHANNEL", "SLACK_STREAMS"],
    secret: [TOKEN_VARIABLE],
  },
  config: slackConfigSchema,
  metadata: {
    clientIdPrefix: CLIENT_ID_PREFIX,
    userAttribution: botAttribution,
    resolveDispatchConfig: targetOfClient,
  },
  dispatcher: {
    target: slackTargetSchema,
    capabilities: { stream: true, edit: true, threads: true, max_text: MESSAGE_CHARACTERS },
    orderKey: slackOrderKey,
  },
  setup: createSlackInstance,
});

/** The channel that a client id such as `slack:C0123456789` names; null when it is not one of Slack's. */
function targetOfClient(clientId: string): { readonly channel_id: string } | null {
  if (!clientId.startsWith(CLIENT_ID_PREFIX)) return null;
  const channelId = clientId.slice(CLIENT_ID_PREFIX.length);
  return isChannelId(channelId) ? { channel_id: channelId } : null;
}
