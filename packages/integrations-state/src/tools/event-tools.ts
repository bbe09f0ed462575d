import { z } from "zod";
import type { IntegrationTool, ToolParts } from "./integration-tool.ts";
import { defineTool } from "./integration-tool.ts";
import { emitDeliveryShape, eventName, jsonObject } from "./shapes.ts";

export function emitEventTool({ integrations, logger }: ToolParts): IntegrationTool {
  return defineTool(
    {
      name: "integration_emit_event",
      title: "Emit an event",
      description:
        "Sends an event to every webhook that is subscribed to it, and tells how each delivery went. Each call is an event of its own.",
      inputSchema: z.strictObject({
        eventName,
        payload: jsonObject
          .exactOptional()
          .describe("What the event tells; any JSON object. Everybody who is subscribed gets all of it."),
      }),
      outputSchema: z.object({
        event_id: z.string(),
        sent: z.number(),
        failed: z.number(),
        skipped: z.number().describe("Webhooks that are not subscribed, or disabled."),
        deliveries: z.array(emitDeliveryShape),
      }),
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: false,
        openWorldHint: true,
      },
      refusal: "No event was emitted.",
      run: (event, options) => integrations.emitWebhookEvent(event.eventName, event.payload, options),
    },
    logger,
  );
}
