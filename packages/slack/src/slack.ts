import { defineIntegration } from "@core/registry";
import type { Integration } from "@core/registry";
import { z } from "zod";
import { botAttribution } from "./attribution.ts";
import { channelOfClient, CLIENT_ID_PREFIX } from "./client-id.ts";
import { MARKDOWN_CHARACTERS } from "./format/reply.ts";
import { setUpSlack } from "./slack-instance.ts";
import { slackOrderKey, slackTargetSchema } from "./slack-target.ts";
import { TOKEN_VARIABLE } from "./slack-token.ts";

/** Slack as an integration: posts results into channels and threads. */
export const slack: Integration = defineIntegration({
  type: "slack",
  apiVersion: 1,
  packageName: "@integration/slack",
  description: "Posts results and messages into Slack's channels and threads.",
  environment: {
    required: [TOKEN_VARIABLE],
    optional: ["SLACK_API_URL"],
    secret: [TOKEN_VARIABLE],
  },
  config: z.object({ SLACK_API_URL: z.url({ protocol: /^https?$/ }).optional() }),
  metadata: {
    clientIdPrefix: CLIENT_ID_PREFIX,
    userAttribution: botAttribution,
    resolveDispatchConfig: targetOfClient,
  },
  dispatcher: {
    target: slackTargetSchema,
    capabilities: { threads: true, files: true, max_text: MARKDOWN_CHARACTERS },
    orderKey: slackOrderKey,
  },
  setup: setUpSlack,
});

function targetOfClient(clientId: string): { readonly channel_id: string } | null {
  const channelId = channelOfClient(clientId);
  return channelId === null ? null : { channel_id: channelId };
}
