import { NOTIFICATION_PRIORITIES } from "@core/integrations-state";
import type { NotificationStatus } from "@core/integrations-state";
import { z } from "@hono/zod-openapi";

const statuses = [
  "delivered",
  "accepted",
  "failed",
  "not_configured",
  "suppressed",
] as const satisfies readonly NotificationStatus[];

const result = z.strictObject({
  status: z.enum(statuses).openapi({
    description:
      "accepted: the service took it and says no more. not_configured: nothing says where to, or a setting is missing, so it is recorded only. suppressed: its dedupe_key was used before.",
  }),
  destination: z.string().nullable().openapi({ description: "Null for a webhook_url or none." }),
  http_status: z.int().nullable(),
  attempts: z.int(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  notes: z.array(z.string()).openapi({ description: "What was split, cut or left out to fit the service." }),
  details: z
    .record(z.string(), z.unknown())
    .optional()
    .openapi({ description: "What the service said of it, such as a message's id." }),
});

/** What became of a notification, as the OpenAPI document describes it. */
export const reportSchema: z.ZodType<unknown> = z
  .strictObject({
    success: z.boolean().openapi({ description: "False only when it was to be delivered and was not." }),
    notification_id: z
      .string()
      .openapi({ description: "Of a suppressed one: the id of the one that was sent in its place." }),
    delivered: z.boolean(),
    channel: z.string(),
    priority: z.enum(NOTIFICATION_PRIORITIES),
    delivery: result
      .extend({
        tried: z.array(result).openapi({ description: "The destinations tried before this one, in order." }),
      })
      .openapi({ description: "How it went where it arrived, or at the last destination that failed." }),
  })
  .openapi("NotificationReport");
