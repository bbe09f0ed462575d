import type { FailureCode } from "@core/tasks";
import { failureCodes } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import { momentField } from "./task-query.ts";

/** What `POST /api/v1/tasks/redrive` takes. */
export interface RedriveBody {
  readonly type?: string | undefined;
  readonly queue?: string | undefined;
  readonly failure_code?: FailureCode | undefined;
  readonly status?: "failed" | "cancelled" | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly limit: number;
}

/** What `POST /api/v1/tasks/prune` takes. */
export interface PruneBody {
  readonly older_than_seconds: number;
  readonly statuses?: readonly ("complete" | "failed" | "cancelled")[] | undefined;
  readonly types?: readonly string[] | undefined;
  readonly limit: number;
}

const name = z.string().min(1).max(255);

/** How many tasks one request acts on at most. */
const MOST = 10_000;
const limit = z.int().min(1).max(MOST).default(MOST).openapi({
  description: "How many at most. When as many are answered there may be more; ask again.",
});

const redriveBody = z.strictObject({
  type: name.optional(),
  queue: name.optional(),
  failure_code: z.enum(failureCodes).optional(),
  status: z.enum(["failed", "cancelled"]).optional().openapi({ description: "Default: failed." }),
  since: momentField.optional(),
  until: momentField.optional(),
  limit,
});

const pruneBody = z.strictObject({
  older_than_seconds: z.number().min(0).max(3_153_600_000).openapi({
    description: "They ended at least so long ago.",
  }),
  statuses: z
    .array(z.enum(["complete", "failed", "cancelled"]))
    .min(1)
    .optional(),
  types: z.array(name).min(1).max(100).optional(),
  limit,
});

export const redriveBodySchema: z.ZodType<RedriveBody> = redriveBody.openapi("Redrive");
export const pruneBodySchema: z.ZodType<PruneBody> = pruneBody.openapi("Prune");
