import type { RouteConfig } from "@hono/zod-openapi";
import { z } from "@hono/zod-openapi";
import { resultParts } from "./json-document.ts";

const result = z
  .object({
    task_id: z.uuid(),
    result: z.string().openapi({ description: "The text of the result." }),
    files: resultParts.files.optional(),
    actions: resultParts.actions.optional(),
  })
  .openapi({ description: "A task is complete. Files and actions are there only when there are any." });

const failure = z
  .object({
    task_id: z.uuid(),
    result: z.null(),
    error: z.object({ code: z.string(), message: z.string() }),
  })
  .openapi({ description: "A task has failed." });

/** What a delivery of the type `webhook` sends to the URL of its target. */
export const webhook: RouteConfig = {
  method: "post",
  path: "taskEnded",
  operationId: "taskEnded",
  summary: "The end of a task with dispatch_type webhook",
  description:
    "Sent to dispatch_config.url, signed by Standard Webhooks. It may come twice, with one webhook-id.",
  request: {
    headers: z.object({
      "webhook-id": z.string().openapi({ description: "The delivery's id, the same on every attempt." }),
      "webhook-timestamp": z.string().openapi({ description: "Seconds since 1970." }),
      "webhook-signature": z.string().openapi({ description: "v1, and the base64 of an HMAC-SHA256." }),
    }),
    body: {
      required: true,
      content: { "application/json": { schema: z.union([result, failure]).openapi("WebhookBody") } },
    },
  },
  responses: {
    "2XX": { description: "It is delivered." },
    "5XX": { description: "It is sent again later, as after 408, 429 and no answer." },
    default: { description: "It is dead: any other answer ends its attempts." },
  },
};
