import type { DeliveryRecord, Tasks } from "@core/tasks";
import { deliveryStates } from "@core/tasks";
import { createRoute, z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { deliverySchema } from "./delivery-document.ts";
import { jsonResponse, problemResponses } from "./documented-response.ts";
import { pageSchema } from "./page-document.ts";
import { pageFields } from "./page-query.ts";
import { filterOf, maskedTarget, wireRecord } from "./wire-record.ts";

/** Listing deliveries. */
export function addDeliveryRoutes(app: App, tasks: Pick<Tasks, "listDeliveries">): void {
  app.openapi(listDeliveries, async (context) => {
    const { items, next_cursor } = await tasks.listDeliveries(filterOf(context.req.valid("query")));
    return context.json<unknown, 200>({ items: items.map(listed), next_cursor }, 200);
  });
}

const listDeliveries = createRoute({
  method: "get",
  path: "/api/v1/deliveries",
  operationId: "listDeliveries",
  summary: "List deliveries, newest first",
  security: [{ apiKey: [] }],
  request: {
    query: z.strictObject({
      status: z.enum(deliveryStates).optional(),
      task_id: z.uuid({ error: "A task's id is a UUID." }).optional(),
      ...pageFields,
    }),
  },
  responses: {
    200: jsonResponse(
      "A page of deliveries; URLs in their targets are shortened.",
      pageSchema(deliverySchema),
    ),
    ...problemResponses(400, 401, 503),
  },
});

function listed(delivery: DeliveryRecord): object {
  return { ...wireRecord(delivery), target: maskedTarget(delivery.target) };
}
