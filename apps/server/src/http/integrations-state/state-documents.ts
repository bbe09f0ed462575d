import { INTEGRATION_EVENTS, NOTIFICATION_PRIORITIES } from "@core/integrations-state";
import { z } from "@hono/zod-openapi";

const time = z.iso.datetime();
const events = z.array(z.enum(INTEGRATION_EVENTS));

/** A webhook as the OpenAPI document describes it. */
export const webhookSchema: z.ZodType<unknown> = z
  .strictObject({
    id: z.string(),
    url: z.string().openapi({ description: "Its path and query are hidden: they may hold a credential." }),
    events,
    has_secret: z.boolean(),
    created_at: time,
    updated_at: time,
    disabled_at: time.optional().openapi({
      description: "Since when nothing is sent there, because the receiver answered 410. Register it again.",
    }),
  })
  .openapi("Webhook");

/** When git auto-commit commits. */
export const gitAutoCommitSchema: z.ZodType<unknown> = z
  .strictObject({ enabled: z.boolean(), on_events: events })
  .openapi("GitAutoCommit");

/** A notification of the history. */
export const notificationSchema: z.ZodType<unknown> = z
  .strictObject({
    id: z.string(),
    channel: z.string(),
    message: z.string(),
    priority: z.enum(NOTIFICATION_PRIORITIES),
    delivered: z.boolean(),
    created_at: time,
    meta: z
      .record(z.string(), z.unknown())
      .openapi({ description: "How the delivery went, without credentials." }),
  })
  .openapi("Notification");

/** A named place for notifications. */
export const destinationSchema: z.ZodType<unknown> = z
  .strictObject({
    name: z.string(),
    channel: z.string(),
    address: z.string().openapi({ description: "Where it leads, without path and query." }),
    is_default: z.boolean(),
    created_at: time,
    updated_at: time,
  })
  .openapi("Destination");

/** All of it. */
export const stateSchema: z.ZodType<unknown> = z
  .strictObject({
    version: z.literal(1),
    updated_at: time,
    webhooks: z.array(webhookSchema),
    git_auto_commit: gitAutoCommitSchema,
    notifications: z.array(notificationSchema).openapi({ description: "Newest first, at most 200." }),
    destinations: z.array(destinationSchema),
  })
  .openapi("IntegrationState");
