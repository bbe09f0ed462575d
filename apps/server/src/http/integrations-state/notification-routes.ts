import { NOTIFICATION_PRIORITIES } from "@core/integrations-state";
import type { NotificationOptions } from "@core/integrations-state";
import { z } from "@hono/zod-openapi";
import type { App } from "../app-env.ts";
import { describeRoute } from "../described-route.ts";
import { jsonResponse, problemResponses } from "../documented-response.ts";
import { jsonValue } from "../json-document.ts";
import { jsonRequest } from "../json-request.ts";
import { pageFields } from "../page-query.ts";
import { reportSchema } from "./notification-report-document.ts";
import type { ServedIntegrations } from "./served-integrations.ts";
import { notificationSchema } from "./state-documents.ts";

/** Sending notifications, and what was sent. */
export function addNotificationRoutes(app: App, integrations: ServedIntegrations): void {
  app.openapi(listNotifications, async (context) => {
    const { limit = 50 } = context.req.valid("query");
    const notifications = await integrations.listNotifications();
    return context.json<unknown, 200>({ items: notifications.slice(0, limit) }, 200);
  });

  app.openapi(sendNotification, async (context) => {
    const report = await integrations.sendNotification(context.req.valid("json"));
    return context.json<unknown, 200>(report, 200);
  });
}

const security = [{ apiKey: [] }];

const notificationBody = z.strictObject({
  channel: z.string().openapi({
    description: "slack, discord, email or webhook, unless this server has others too.",
    example: "webhook",
  }),
  message: z.string(),
  priority: z.enum(NOTIFICATION_PRIORITIES).optional().openapi({ description: "Default: normal." }),
  destination: z.string().optional().openapi({
    description: "Where to, by name. Default: the default destination of the channel.",
  }),
  webhook_url: z.string().optional().openapi({
    description: "Where to, this once. It is a credential: a destination keeps it better.",
  }),
  attachments: z.array(jsonValue).optional(),
  fallback_destinations: z.array(z.string()).optional().openapi({
    description: "By name, tried in order when the first did not get it.",
  }),
  dedupe_key: z.string().optional().openapi({
    description: "A second notification with the same key within a day is not sent.",
  }),
  timeout_ms: z.number().optional().openapi({
    description: "Of one attempt; taken into 1,000 to 60,000. Default: 10,000.",
  }),
  retry_count: z.number().optional().openapi({
    description: "Attempts after the first; taken into 0 to 5. Default: 2.",
  }),
});

const listNotifications = describeRoute({
  method: "get",
  path: "/api/v1/integrations/notifications",
  operationId: "listNotifications",
  summary: "List the last notifications, newest first",
  security,
  request: { query: z.strictObject({ limit: pageFields.limit }) },
  responses: {
    200: jsonResponse(
      "The newest of the 200 that are kept, without credentials.",
      z.object({ items: z.array(notificationSchema) }),
    ),
    ...problemResponses(400, 401, 500, 503),
  },
});

const sendNotification = describeRoute({
  method: "post",
  path: "/api/v1/integrations/notifications",
  operationId: "sendNotification",
  summary: "Send a notification",
  security,
  request: {
    body: jsonRequest<NotificationOptions>(notificationBody.openapi("NewNotification")),
  },
  refusal: { body: { code: "INTEGRATIONS_INPUT_INVALID", what: "The notification was not sent." } },
  responses: {
    200: jsonResponse("What became of it; `success` is false when it was not delivered.", reportSchema),
    ...problemResponses(400, 401, 404, 413, 415, 422, 500, 503),
  },
});
