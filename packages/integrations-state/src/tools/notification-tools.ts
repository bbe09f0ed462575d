import type { FieldIssue } from "@core/registry";
import { z } from "zod";
import { builtInChannels } from "../channels/built-in-channels.ts";
import type { IntegrationTool, ToolParts } from "./integration-tool.ts";
import { defineTool } from "./integration-tool.ts";
import { jsonObject, notificationDeliveryShape, priority } from "./shapes.ts";

export function notifyTool({ integrations, allowUrls, logger }: ToolParts): IntegrationTool {
  return defineTool(
    {
      name: "integration_notify",
      title: "Send a notification",
      description:
        "Sends a message to people over a channel, and keeps it in the history. Each call sends a message of its own. Read `delivery.status`: `not_configured` means that nobody got it, because the channel has no destination.",
      inputSchema: notifyInput,
      outputSchema: z.object({
        success: z.boolean().describe("False: it was to be delivered, and was not."),
        notification_id: z.string(),
        delivered: z.boolean(),
        channel: z.string(),
        priority,
        delivery: notificationDeliveryShape,
      }),
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: false,
        openWorldHint: true,
      },
      refusal: "Nothing was sent.",
      check: (input) => (input.webhook_url === undefined || allowUrls ? [] : [addressRefused]),
      run: (input, options) => integrations.sendNotification(input, options),
    },
    logger,
  );
}

const channelNames = [...builtInChannels.map(({ name }) => name), "email"];

const notifyInput = z.strictObject({
  channel: z
    .string()
    .min(1)
    .describe(`${channelNames.join(", ")}, or another one that this server knows.`),
  message: z.string().min(1),
  priority: priority.exactOptional().describe("`normal` unless given."),
  destination: z
    .string()
    .min(1)
    .exactOptional()
    .describe("Where to, by its name in integrations_state. Left out: the channel's default destination."),
  webhook_url: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      "An address instead of a destination. Use `destination`: an address is a credential, and only a server whose operator allows it takes one.",
    ),
  attachments: z
    .array(jsonObject)
    .exactOptional()
    .describe(
      "What the channel's service takes beside the message, such as attachments or embeds, in its own shape.",
    ),
  timeout_ms: z.number().exactOptional().describe("Limit of one attempt; brought into 1000 to 60000."),
  retry_count: z.number().exactOptional().describe("Attempts after the first; brought into 0 to 5."),
});

const addressRefused: FieldIssue = {
  field: "webhook_url",
  message:
    "This server takes no address from a tool call. Leave it out for the channel's default destination, or give the name of one as `destination`; integrations_state lists them.",
};
