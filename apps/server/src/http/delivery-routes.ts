import type { DeliveryKind } from "@core/registry";
import type { Deliveries, DeliveryRecord, DeliveryRetryAnswer } from "@core/tasks";
import { deliveryStates } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { deliverySchema } from "./delivery-document.ts";
import { describeRoute } from "./described-route.ts";
import { jsonResponse, problemResponses } from "./documented-response.ts";
import { pageSchema } from "./page-document.ts";
import { pageFields } from "./page-query.ts";
import { ProblemError } from "./problem.ts";
import { filterOf, maskedTarget, wireRecord } from "./wire-record.ts";

/** Listing and reading deliveries, and deciding for those that wait for a person. */
export function addDeliveryRoutes(app: App, deliveries: Pick<Deliveries, "get" | "list" | "retry">): void {
  app.openapi(listDeliveries, async (context) => {
    const { items, next_cursor } = await deliveries.list(filterOf(context.req.valid("query")));
    return context.json<unknown, 200>({ items: items.map(shown), next_cursor }, 200);
  });

  app.openapi(readDelivery, async (context) => {
    const { id } = context.req.valid("param");
    return context.json<unknown, 200>(shown(await deliveryOf(deliveries, id)), 200);
  });

  app.openapi(retryDelivery, async (context) => {
    const { id } = context.req.valid("param");
    const asSent = context.req.valid("query").as_sent === "true";
    assertRetried(id, await deliveries.retry(id, { asSent }), asSent);
    return context.json<unknown, 200>(shown(await deliveryOf(deliveries, id)), 200);
  });
}

const security = [{ apiKey: [] }];
/** Any text: what is no id at all is not found either. */
const params = z.object({ id: z.string().openapi({ format: "uuid" }) });

const listDeliveries = describeRoute({
  method: "get",
  path: "/api/v1/deliveries",
  operationId: "listDeliveries",
  summary: "List deliveries, newest first",
  security,
  request: {
    query: z.strictObject({
      status: z.enum(deliveryStates).optional(),
      task_id: z.uuid({ error: "A task's id is a UUID." }).optional(),
      dispatch_type: z.string().max(255).optional(),
      kind: z
        .custom<DeliveryKind>((value) => typeof value === "string")
        .optional()
        .openapi({ type: "string" }),
      target_key: z.string().max(500).optional(),
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

const readDelivery = describeRoute({
  method: "get",
  path: "/api/v1/deliveries/{id}",
  operationId: "readDelivery",
  summary: "Read a delivery",
  security,
  request: { params },
  responses: {
    200: jsonResponse("The delivery; URLs in its target are shortened.", deliverySchema),
    ...problemResponses(400, 401, 404, 503),
  },
});

const retryDelivery = describeRoute({
  method: "post",
  path: "/api/v1/deliveries/{id}/retry",
  operationId: "retryDelivery",
  summary: "Send a dead, held or parked delivery again",
  security,
  request: {
    params,
    query: z.strictObject({
      as_sent: z.enum(["true", "false"]).optional().openapi({
        description: "true, of a held one: it has arrived, so it counts as delivered and is not sent again.",
      }),
    }),
  },
  responses: {
    200: jsonResponse("The delivery as it stands now.", deliverySchema),
    ...problemResponses(400, 401, 404, 409, 503),
  },
});

async function deliveryOf(deliveries: Pick<Deliveries, "get">, id: string): Promise<DeliveryRecord> {
  return (await deliveries.get(id)) ?? notFound(id);
}

function assertRetried(id: string, answer: DeliveryRetryAnswer, asSent: boolean): void {
  if (answer === "unknown") notFound(id);
  if (answer !== "refused") return;
  const states = asSent ? "held" : "dead, held or parked";
  throw new ProblemError(
    "DELIVERY_NOT_RETRYABLE",
    `Delivery ${id} is not ${states}, so there is nothing to decide. GET /api/v1/deliveries/${id} tells how it stands.`,
  );
}

function notFound(id: string): never {
  throw new ProblemError(
    "DELIVERY_NOT_FOUND",
    `There is no delivery ${id}. GET /api/v1/deliveries lists them.`,
  );
}

function shown(delivery: DeliveryRecord): object {
  return { ...wireRecord(delivery), target: maskedTarget(delivery.target) };
}
