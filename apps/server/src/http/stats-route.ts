import type { QueueStats } from "@core/tasks";
import { createRoute, z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { jsonResponse, problemResponses } from "./documented-response.ts";

/** What waits and runs. Added before the route that reads a task, whose id may be any word. */
export function addStatsRoute(app: App, stats: () => Promise<QueueStats>): void {
  app.openapi(readStats, async (context) => context.json<unknown, 200>(await stats(), 200));
}

const readStats = createRoute({
  method: "get",
  path: "/api/v1/tasks/stats",
  operationId: "readTaskStats",
  summary: "What waits and runs",
  security: [{ apiKey: [] }],
  responses: {
    200: jsonResponse("The figures.", z.record(z.string(), z.unknown())),
    ...problemResponses(401, 503),
  },
});
