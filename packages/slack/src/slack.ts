import { defineIntegration } from "@core/registry";
import type { Integration } from "@core/registry";
import { botAttribution } from "./attribution.ts";
import { channelOfClient, CLIENT_ID_PREFIX } from "./client-id.ts";
import { MARKDOWN_CHARACTERS } from "./format/reply.ts";
import { slackConfigSchema } from "./slack-config.ts";
import { setUpSlack } from "./slack-instance.ts";
import { slackOrderKey, slackStreamsTo, slackTargetSchema } from "./slack-target.ts";
import { TOKEN_VARIABLE } from "./slack-token.ts";

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
    capabilities: { stream: true, edit: true, threads: true, files: true, max_text: MARKDOWN_CHARACTERS },
    orderKey: slackOrderKey,
    streamsTo: slackStreamsTo,
  },
  setup: setUpSlack,
});

function targetOfClient(clientId: string): { readonly channel_id: string } | null {
  const channelId = channelOfClient(clientId);
  return channelId === null ? null : { channel_id: channelId };
}
