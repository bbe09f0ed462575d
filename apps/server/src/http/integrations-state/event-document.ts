import { INTEGRATION_EVENTS } from "@core/integrations-state";
import type { RouteConfig } from "@hono/zod-openapi";
import { z } from "@hono/zod-openapi";

/** The body of an event, as the OpenAPI document describes it. */
export const eventSchema: z.ZodType<unknown> = z
  .strictObject({
    id: z.string(),
    event: z.enum(INTEGRATION_EVENTS),
    timestamp: z.iso.datetime().openapi({ description: "When it happened, the same on every attempt." }),
    data: z.record(z.string(), z.unknown()).openapi({ description: "What is told of it." }),
  })
  .openapi("IntegrationEvent");

/** What a registered webhook is sent. */
export const eventWebhook: RouteConfig = {
  method: "post",
  path: "integrationEvent",
  operationId: "integrationEvent",
  summary: "An event, to each webhook that is registered for it",
  description:
    "Signed where the webhook has a secret. It may come twice, with one webhook-id, so drop what you have seen.",
  request: {
    headers: z.object({
      "webhook-id": z.string().openapi({ description: "The event's id, the same on every attempt." }),
      "webhook-timestamp": z.string().optional().openapi({
        description: "Seconds since 1970; with a `whsec_` secret.",
      }),
      "webhook-signature": z.string().optional().openapi({
        description: "v1, and the base64 of an HMAC-SHA256; with a `whsec_` secret.",
      }),
      "x-ams-signature": z.string().optional().openapi({
        description: "The hex HMAC-SHA256 of the body; with any secret.",
      }),
    }),
    body: { required: true, content: { "application/json": { schema: eventSchema } } },
  },
  responses: {
    "2XX": { description: "It is delivered." },
    410: { description: "Nothing is sent here any more, until the webhook is registered again." },
    default: { description: "It is sent again later." },
  },
};
