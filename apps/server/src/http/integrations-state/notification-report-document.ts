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

const destinationResult = z.strictObject({
  status: z.enum(statuses).openapi({
    description:
      "accepted: the service took it and says no more. not_configured: nothing says where to, so it is recorded only. suppressed: its dedupe_key was used before.",
  }),
  destination: z
    .string()
    .nullable()
    .openapi({ description: "That got it, or the last one tried; null: webhook_url, or none." }),
  http_status: z.int().nullable(),
  attempts: z.int(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  notes: z
    .array(z.string())
    .openapi({ description: "What was split, cut or left out to fit the service, a sentence each." }),
  details: z
    .record(z.string(), z.unknown())
    .optional()
    .openapi({ description: "What the service said of it, such as a message's id." }),
});

/** What became of a notification, as the OpenAPI document describes it. */
export const reportSchema: z.ZodType<unknown> = z
  .strictObject({
    success: z.boolean().openapi({ description: "False only when it was to be delivered and was not." }),
    notification_id: z.string(),
    delivered: z.boolean(),
    channel: z.string(),
    priority: z.enum(NOTIFICATION_PRIORITIES),
    delivery: destinationResult.extend({
      tried: z
        .array(destinationResult)
        .openapi({ description: "The destinations tried before this one, in order." }),
    }),
  })
  .openapi("NotificationReport");
