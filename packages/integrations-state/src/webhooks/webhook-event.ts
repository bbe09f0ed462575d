import { randomUUID } from "node:crypto";
import { isWebhookId } from "@core/outbound";
import { fieldIssues } from "@core/registry";
import type { Clock, JsonObject } from "@core/registry";
import { z } from "zod";
import { invalidInput } from "../errors.ts";
import { eventNameSchema } from "./webhook-input.ts";
import type { WebhookEvent } from "./webhook-outbox.ts";

export interface EventInput {
  readonly eventName: string;
  readonly payload: JsonObject;
  readonly event_id: string | undefined;
}

/** Makes the event that all receivers get. @throws INTEGRATIONS_INPUT_INVALID naming every wrong field */
export function webhookEvent(input: EventInput, clock: Clock): WebhookEvent {
  const result = eventSchema.safeParse(input);
  if (!result.success) throw invalidInput("The event was not sent.", fieldIssues(result.error.issues));
  const { eventName, event_id = randomUUID() } = result.data;
  return {
    id: event_id,
    event: eventName,
    timestamp: new Date(clock.now()).toISOString(),
    data: input.payload,
  };
}

const eventSchema = z.strictObject({
  eventName: eventNameSchema,
  payload: z.custom(isJsonObject, "Give an object that can be written as JSON."),
  event_id: z
    .string("Give a text, or leave it out.")
    .refine(isEventId, "Use 1 to 255 visible ASCII characters without dot or comma, or leave it out.")
    .optional(),
});

/** As long as what a queue takes as the source of a delivery. */
function isEventId(id: string): boolean {
  return id.length <= 255 && isWebhookId(id);
}

function isJsonObject(value: unknown): boolean {
  try {
    return JSON.stringify(value)?.startsWith("{") ?? false;
  } catch {
    return false;
  }
}
