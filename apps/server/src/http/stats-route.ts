import type { Tasks } from "@core/tasks";
import type { App } from "./app-env.ts";
import { describeRoute } from "./described-route.ts";
import { jsonResponse, problemResponses } from "./documented-response.ts";
import { statsSchema } from "./stats-document.ts";

/** What lives in the queues, for people and for monitoring. */
export function addStatsRoute(app: App, tasks: Pick<Tasks, "stats">): void {
  app.openapi(readStats, async (context) => context.json<unknown, 200>(await tasks.stats(), 200));
}

const readStats = describeRoute({
  method: "get",
  path: "/api/v1/tasks/stats",
  operationId: "readTaskStats",
  summary: "Count tasks, deliveries and workers",
  security: [{ apiKey: [] }],
  responses: {
    200: jsonResponse(
      "What lives in each queue, what has ended within the last hour, and who works.",
      statsSchema,
    ),
    ...problemResponses(401, 503),
  },
});
