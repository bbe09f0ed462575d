import type { App } from "../app-env.ts";
import { describeRoute } from "../described-route.ts";
import { jsonResponse, problemResponses } from "../documented-response.ts";
import { addDestinationRoutes } from "./destination-routes.ts";
import { eventWebhook } from "./event-document.ts";
import { addGitAutoCommitRoutes } from "./git-auto-commit-routes.ts";
import { addIntegrationEventRoutes } from "./integration-event-routes.ts";
import { addNotificationRoutes } from "./notification-routes.ts";
import type { ServedIntegrations } from "./served-integrations.ts";
import { stateSchema } from "./state-documents.ts";
import { addWebhookRoutes, maskedWebhook } from "./webhook-routes.ts";

/** Webhooks, notifications and git auto-commit over HTTP. */
export function addIntegrationStateRoutes(app: App, integrations: ServedIntegrations): void {
  app.openapi(readState, async (context) => {
    const state = await integrations.getIntegrationState();
    return context.json<unknown, 200>({ ...state, webhooks: state.webhooks.map(maskedWebhook) }, 200);
  });
  addWebhookRoutes(app, integrations);
  addGitAutoCommitRoutes(app, integrations);
  addNotificationRoutes(app, integrations);
  addDestinationRoutes(app, integrations);
  addIntegrationEventRoutes(app, integrations);
  app.openAPIRegistry.registerWebhook(eventWebhook);
}

const readState = describeRoute({
  method: "get",
  path: "/api/v1/integrations/state",
  operationId: "readIntegrationState",
  summary: "Read webhooks, git auto-commit, notifications and destinations",
  security: [{ apiKey: [] }],
  responses: {
    200: jsonResponse("All that is stored, without secrets.", stateSchema),
    ...problemResponses(401, 500, 503),
  },
});
