import { z } from "@hono/zod-openapi";

const time = z.iso.datetime();
const count = z.int().min(0);

const taskStats = z.strictObject({
  queue: z.string(),
  type: z.string(),
  pending: count.describe("All that have not begun: due, planned, in_lane and limited together."),
  due: count.describe("Nothing but a worker is missing."),
  planned: count.describe("They wait for their time, or for another attempt."),
  in_lane: count.describe("They wait for others of their lane."),
  limited: count.describe("They start as their limits allow."),
  running: count,
  waiting: count,
  oldest_due_ms: z.number().nullable().describe("How long the oldest due one has been due, or null."),
  ended_last_hour: z.strictObject({ complete: count, failed: count, cancelled: count }),
});

const workerRecord = z.strictObject({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  alive: z.boolean(),
  started_at: time,
  task_types: z.array(z.string()),
  dispatch_types: z.array(z.string()),
  running: count,
});

/** The stats of the queues as the OpenAPI document describes them. */
export const statsSchema: z.ZodType<unknown> = z
  .strictObject({
    at: time,
    tasks: z.array(taskStats),
    deliveries: z.strictObject({
      pending: count,
      open: count,
      sending: count,
      held: count,
      parked: count,
      dead: count,
    }),
    workers: z.array(workerRecord),
  })
  .openapi("TaskStats");
