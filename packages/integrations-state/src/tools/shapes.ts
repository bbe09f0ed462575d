import type { JsonObject } from "@core/registry";
import { z } from "zod";
import { INTEGRATION_EVENTS } from "../events/event-names.ts";
import type { DestinationSummary } from "../notifications/destinations.ts";
import type { NotificationDelivery } from "../notifications/notifications.ts";
import type {
  GitAutoCommitConfig,
  NotificationPriority,
  StoredNotification,
} from "../state/integration-state.ts";
import { NOTIFICATION_PRIORITIES } from "../state/integration-state.ts";
import type { EmitDelivery, WebhookSummary } from "../webhooks/webhooks.ts";

/** Any JSON object, plainly: the JSON Schema of `z.json()` refers to itself, which not every client can read. */
export const jsonObject: z.ZodType<JsonObject> = z
  .object({})
  .catchall(z.any())
  .meta({ additionalProperties: true });

export const eventName: z.ZodEnum<{ [Name in (typeof INTEGRATION_EVENTS)[number]]: Name }> =
  z.enum(INTEGRATION_EVENTS);

export const priority: z.ZodType<NotificationPriority> = z.enum(NOTIFICATION_PRIORITIES);

export const webhookShape: z.ZodType<WebhookSummary> = z.object({
  id: z.string(),
  url: z.string().describe("Without its path."),
  events: z.array(eventName),
  has_secret: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
  disabled_at: z.string().exactOptional().describe("Since when nothing is sent there, because it was gone."),
});

// Described within, as they become a choice of two types then, and not a list of types, which fewer clients can read.
const httpStatus = z.number().describe("Of the last answer; null: there was none.").nullable();
const destinationName = z.string().describe("Null: none has it, or it was an address.").nullable();

const fault = z.object({ code: z.string(), message: z.string() });

export const emitDeliveryShape: z.ZodType<EmitDelivery> = z.object({
  webhook_id: z.string(),
  url: z.string().describe("Without its path."),
  status: z.enum(["delivered", "failed", "queued"]).describe("`queued`: it is sent until it arrives."),
  http_status: httpStatus,
  attempts: z.number(),
  error: fault.nullable(),
});

export const gitAutoCommitShape: z.ZodObject = z.object({
  enabled: z.boolean(),
  on_events: z.array(eventName),
}) satisfies z.ZodType<GitAutoCommitConfig>;

export const notificationShape: z.ZodType<StoredNotification> = z.object({
  id: z.string(),
  channel: z.string(),
  message: z.string(),
  priority,
  delivered: z.boolean(),
  created_at: z.string(),
  meta: jsonObject.describe("How the delivery went."),
});

const destinationResult = z.object({
  status: z.enum(["delivered", "accepted", "failed", "not_configured", "suppressed"]),
  destination: destinationName,
  http_status: httpStatus,
  attempts: z.number(),
  error: fault.nullable(),
  notes: z.array(z.string()).describe("What was split, cut or left out to fit the service."),
  details: jsonObject.exactOptional(),
});

export const notificationDeliveryShape: z.ZodType<NotificationDelivery> = destinationResult.extend({
  tried: z.array(destinationResult).describe("The destinations tried before this one, in order."),
});

export const destinationShape: z.ZodType<DestinationSummary> = z.object({
  name: z.string(),
  channel: z.string(),
  address: z.string().describe("Without its path."),
  is_default: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
});
