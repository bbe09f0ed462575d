import type { ParkReason } from "@core/tasks";
import { deliveryStates } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import { anyJson } from "./json-document.ts";

const parkReasons = [
  "unknown_type",
  "misconfigured",
  "unavailable",
  "endpoint_disabled",
] as const satisfies readonly ParkReason[];

const time = z.iso.datetime();

/** A delivery as the OpenAPI document describes it. */
export const deliverySchema: z.ZodType<unknown> = z
  .strictObject({
    id: z.uuid(),
    kind: z.string(),
    source_id: z.string().openapi({ description: "What it tells of, such as a task or an event." }),
    target_key: z.string().openapi({ description: "The same for all deliveries to one target." }),
    task_id: z.uuid().nullable(),
    dispatch_type: z.string(),
    target: anyJson("Where it goes; its fields belong to the dispatch type."),
    status: z.enum(deliveryStates),
    park_reason: z.enum(parkReasons).nullable(),
    skip_reason: z.string().nullable(),
    attempt: z.int(),
    max_attempts: z.int(),
    next_at: time,
    failures: z.array(z.object({ attempt: z.int(), at: z.string(), code: z.string(), message: z.string() })),
    answer: z.object({ status: z.int(), body: z.string() }).nullable(),
    sent_parts: z.array(z.object({ index: z.int(), external_id: z.string().optional() })),
    external_ids: z.array(z.string()),
    created_at: time,
    delivered_at: time.nullable(),
  })
  .openapi("Delivery");
