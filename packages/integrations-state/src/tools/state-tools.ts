import { z } from "zod";
import type { IntegrationTool, ToolParts } from "./integration-tool.ts";
import { defineTool } from "./integration-tool.ts";
import { destinationShape, gitAutoCommitShape, notificationShape, webhookShape } from "./shapes.ts";
import { maskedWebhook } from "./webhook-tools.ts";

export function stateTool({ integrations, logger }: ToolParts): IntegrationTool {
  return defineTool(
    {
      name: "integrations_state",
      title: "Show the integrations",
      description:
        "Shows all that is set up: webhooks, git auto-commit, the named destinations of notifications, and the latest notifications, newest first. Secrets and the paths of addresses are left out.",
      inputSchema: z.strictObject({}),
      outputSchema: z.object({
        version: z.number(),
        updated_at: z.string(),
        webhooks: z.array(webhookShape),
        git_auto_commit: gitAutoCommitShape,
        notifications: z.array(notificationShape),
        destinations: z.array(destinationShape),
      }),
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
      refusal: "Nothing was read.",
      async run() {
        const state = await integrations.getIntegrationState();
        return { ...state, webhooks: state.webhooks.map(maskedWebhook) };
      },
    },
    logger,
  );
}
