import { AUTO_COMMIT_DEFAULT_EVENTS, INTEGRATION_EVENTS } from "@core/integrations-state";
import type { JsonObject } from "@core/registry";
import { z } from "@hono/zod-openapi";
import type { App } from "../app-env.ts";
import { describeRoute } from "../described-route.ts";
import { jsonResponse, problemResponses } from "../documented-response.ts";
import { jsonValue } from "../json-document.ts";
import { jsonRequest } from "../json-request.ts";
import type { ServedIntegrations } from "./served-integrations.ts";

/** Which events there are, and telling the webhooks of one. */
export function addIntegrationEventRoutes(app: App, integrations: ServedIntegrations): void {
  app.openapi(listEvents, (context) =>
    context.json<unknown, 200>(
      { events: INTEGRATION_EVENTS, auto_commit_defaults: AUTO_COMMIT_DEFAULT_EVENTS },
      200,
    ),
  );

  app.openapi(emitEvent, async (context) => {
    const { event, payload, event_id: id } = context.req.valid("json");
    const options = id === undefined ? {} : { event_id: id };
    return context.json<unknown, 200>(await integrations.emitWebhookEvent(event, payload, options), 200);
  });
}

const security = [{ apiKey: [] }];
const events = z.array(z.enum(INTEGRATION_EVENTS));

const emitBody = z.strictObject({
  event: z.enum(INTEGRATION_EVENTS),
  payload: z.record(z.string(), jsonValue).optional().openapi({ description: "What is told of it." }),
  event_id: z.string().optional().openapi({
    description:
      "The same event emitted twice has the same id, and receivers drop the second. Visible ASCII characters without dot and comma. Default: a new one.",
    minLength: 1,
    maxLength: 256,
  }),
});

interface EmitBody {
  readonly event: string;
  readonly payload?: JsonObject;
  readonly event_id?: string;
}

const emitReportSchema = z
  .strictObject({
    event_id: z.string().openapi({ description: "Also the webhook-id of every request." }),
    sent: z.int().openapi({ description: "Answered 2xx, or stored and sent until they arrive." }),
    failed: z.int(),
    skipped: z.int().openapi({ description: "Not subscribed, or disabled." }),
    deliveries: z.array(
      z.strictObject({
        webhook_id: z.string(),
        url: z.string().openapi({ description: "Without path and query." }),
        status: z.enum(["delivered", "failed", "queued"]),
        http_status: z.int().nullable(),
        attempts: z.int(),
        error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
      }),
    ),
  })
  .openapi("EmitReport");

const listEvents = describeRoute({
  method: "get",
  path: "/api/v1/integrations/events",
  operationId: "listIntegrationEvents",
  summary: "List the events of webhooks and git auto-commit",
  security,
  responses: {
    200: jsonResponse(
      "All events, and those that git auto-commit listens to until it is told otherwise.",
      z.strictObject({ events, auto_commit_defaults: events }),
    ),
    ...problemResponses(401),
  },
});

const emitEvent = describeRoute({
  method: "post",
  path: "/api/v1/integrations/events",
  operationId: "emitIntegrationEvent",
  summary: "Tell the webhooks of an event",
  security,
  request: {
    body: jsonRequest<EmitBody>(emitBody.openapi("NewEvent")),
  },
  refusal: { body: { code: "INTEGRATIONS_INPUT_INVALID", what: "The event was not sent." } },
  responses: {
    200: jsonResponse("What became of it; that a webhook could not be told is in here.", emitReportSchema),
    ...problemResponses(400, 401, 413, 415, 422, 500, 503),
  },
});
