import type { Tasks } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { describeRoute } from "./described-route.ts";
import { jsonResponse, problemResponses } from "./documented-response.ts";
import { jsonRequest } from "./json-request.ts";
import { pruneBodySchema, redriveBodySchema } from "./task-bulk-body.ts";
import { filterOf } from "./wire-record.ts";

/** Retrying and removing many tasks; either ends when its caller goes away. */
export function addTaskBulkRoutes(app: App, tasks: Pick<Tasks, "redrive" | "prune">): void {
  app.openapi(redriveTasks, async (context) => {
    const { limit, ...filter } = context.req.valid("json");
    const retried = await tasks.redrive(filterOf(filter), { limit, signal: context.req.raw.signal });
    return context.json<unknown, 200>({ retried }, 200);
  });

  app.openapi(pruneTasks, async (context) => {
    const { older_than_seconds: seconds, statuses, types, limit } = context.req.valid("json");
    const pruned = await tasks.prune({
      olderThanMs: seconds * 1_000,
      ...(statuses && { states: statuses }),
      ...(types && { types }),
      limit,
      signal: context.req.raw.signal,
    });
    return context.json<unknown, 200>({ pruned }, 200);
  });
}

const security = [{ apiKey: [] }];

const redriveTasks = describeRoute({
  method: "post",
  path: "/api/v1/tasks/redrive",
  operationId: "redriveTasks",
  summary: "Let all tasks that failed and fit run again, the oldest first",
  security,
  request: { body: jsonRequest(redriveBodySchema) },
  responses: {
    200: jsonResponse("How many run again.", z.strictObject({ retried: z.int() })),
    ...problemResponses(400, 401, 413, 415, 422, 503),
  },
});

const pruneTasks = describeRoute({
  method: "post",
  path: "/api/v1/tasks/prune",
  operationId: "pruneTasks",
  summary: "Remove tasks that ended long ago",
  security,
  request: { body: jsonRequest(pruneBodySchema) },
  responses: {
    200: jsonResponse("How many were removed.", z.strictObject({ pruned: z.int() })),
    ...problemResponses(400, 401, 413, 415, 422, 503),
  },
});
