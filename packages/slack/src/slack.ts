import { defineIntegration } from "@core/registry";
import type { Integration } from "@core/registry";
import { z } from "zod";
import { botAttribution } from "./attribution.ts";
import { createSlackDeliverer } from "./deliverer.ts";
import { MESSAGE_CHARACTERS } from "./message-parts.ts";
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
    capabilities: { threads: true, files: true, max_text: MESSAGE_CHARACTERS },
    orderKey: slackOrderKey,
  },
  setup: ({ config, http, secrets, files, storage, clock }) =>
    createSlackDeliverer({
      fetch: http.fetch,
      secrets,
      files,
      storage,
      clock,
      apiUrl: config.SLACK_API_URL,
    }),
});

/** The channel that a client id such as `slack:C0123456789` names; null when it is not one of Slack's. */
function targetOfClient(clientId: string): { readonly channel_id: string } | null {
  if (!clientId.startsWith(CLIENT_ID_PREFIX)) return null;
  const channelId = clientId.slice(CLIENT_ID_PREFIX.length);
  return isChannelId(channelId) ? { channel_id: channelId } : null;
}
