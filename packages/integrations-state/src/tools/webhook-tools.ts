import type { FieldIssue } from "@core/registry";
import { maskUrl } from "@core/outbound";
import { z } from "zod";
import type { WebhookSummary } from "../webhooks/webhooks.ts";
import type { IntegrationTool, ToolParts } from "./integration-tool.ts";
import { defineTool } from "./integration-tool.ts";
import { eventName, webhookShape } from "./shapes.ts";

export function webhookListTool({ integrations, logger }: ToolParts): IntegrationTool {
  return defineTool(
    {
      name: "integration_webhook_list",
      title: "List webhooks",
      description:
        "Lists the registered webhooks, oldest first: their ids, addresses without paths, events, and whether they have a secret.",
      inputSchema: z.strictObject({}),
      outputSchema: z.object({ webhooks: z.array(webhookShape) }),
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
      refusal: "Nothing was read.",
      run: async () => ({ webhooks: (await integrations.listWebhooks()).map(maskedWebhook) }),
    },
    logger,
  );
}

export function webhookRegisterTool({ integrations, allowUrls, logger }: ToolParts): IntegrationTool {
  return defineTool(
    {
      name: "integration_webhook_register",
      title: "Register a webhook",
      description:
        "Registers an http or https address that receives events, or changes the webhook that has this address already: its events and its secret are replaced if given, and kept if not.",
      inputSchema: registerInput,
      outputSchema: z.object({
        created: z.boolean().describe("False: there was a webhook with this address, and it was changed."),
        webhook: webhookShape,
        warnings: z.array(z.string()),
      }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
      refusal: "No webhook was registered.",
      check: ({ secret }) => (secret === undefined || allowUrls ? [] : [secretRefused]),
      async run(input) {
        const { created, webhook, warnings } = await integrations.registerWebhook(input);
        return { created, webhook: maskedWebhook(webhook), warnings };
      },
    },
    logger,
  );
}

export function webhookDeleteTool({ integrations, logger }: ToolParts): IntegrationTool {
  return defineTool(
    {
      name: "integration_webhook_delete",
      title: "Delete a webhook",
      description: "Deletes a webhook, which then receives nothing more. There is no undo.",
      inputSchema: z.strictObject({
        webhookId: z.string().min(1).describe("The id of the webhook, as integration_webhook_list tells it."),
      }),
      outputSchema: z.object({
        removed: z.boolean().describe("False: there was no such webhook."),
        webhook_id: z.string(),
      }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
      refusal: "No webhook was deleted.",
      run: ({ webhookId }) => integrations.deleteWebhook(webhookId),
    },
    logger,
  );
}

/** A webhook for readers who must not learn its path, which may be a credential. */
export function maskedWebhook(webhook: WebhookSummary): WebhookSummary {
  return { ...webhook, url: maskUrl(webhook.url) };
}

const registerInput = z.strictObject({
  url: z.string().min(1).describe("An http or https address without user and password."),
  events: z
    .array(eventName)
    .min(1)
    .exactOptional()
    .describe("The events to receive. Left out: all for a new webhook, no change for a known one."),
  secret: z
    .string()
    .exactOptional()
    .describe(
      "Signs what is sent; empty: unsigned from now on. Leave it out: a secret in a conversation is none any more, and only a server whose operator allows it takes one.",
    ),
});

const secretRefused: FieldIssue = {
  field: "secret",
  message:
    "This server takes no secret from a tool call. Leave it out; whoever runs the server can give the webhook one.",
};
