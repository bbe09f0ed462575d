import { INTEGRATION_EVENTS } from "@core/integrations-state";
import type { WebhookInput, WebhookSummary } from "@core/integrations-state";
import { maskUrl } from "@core/outbound";
import { z } from "@hono/zod-openapi";
import type { App } from "../app-env.ts";
import { describeRoute } from "../described-route.ts";
import { jsonResponse, problemResponses } from "../documented-response.ts";
import { jsonRequest } from "../json-request.ts";
import { ProblemError } from "../problem.ts";
import type { ServedIntegrations } from "./served-integrations.ts";
import { webhookSchema } from "./state-documents.ts";

/** Listing, registering and deleting webhooks. */
export function addWebhookRoutes(app: App, integrations: ServedIntegrations): void {
  app.openapi(listWebhooks, async (context) => {
    const webhooks = await integrations.listWebhooks();
    return context.json<unknown, 200>({ items: webhooks.map(maskedWebhook) }, 200);
  });

  app.openapi(registerWebhook, async (context) => {
    const registration = await integrations.registerWebhook(context.req.valid("json"));
    const answer = { ...registration, webhook: maskedWebhook(registration.webhook) };
    return context.json<unknown, 200 | 201>(answer, registration.created ? 201 : 200);
  });

  app.openapi(deleteWebhook, async (context) => {
    const { id } = context.req.valid("param");
    const { removed } = await integrations.deleteWebhook(id);
    if (!removed) throw notFound(id);
    return context.body(null, 204);
  });
}

/** The path of a webhook's URL may be a credential. */
export function maskedWebhook(webhook: WebhookSummary): WebhookSummary {
  return { ...webhook, url: maskUrl(webhook.url) };
}

const security = [{ apiKey: [] }];

const webhookBody = z.strictObject({
  url: z.string().openapi({
    description: "http or https, without credentials. The webhook that has this URL is changed.",
    example: "https://example.org/hook",
  }),
  events: z
    .array(z.enum(INTEGRATION_EVENTS))
    .optional()
    .openapi({ description: "Default: all of a new webhook, else unchanged.", minItems: 1 }),
  secret: z.string().optional().openapi({
    description:
      "Signs what is sent; `whsec_…` adds the headers of Standard Webhooks. Empty: none. Default: none of a new webhook, else unchanged.",
  }),
  generate_secret: z
    .boolean()
    .optional()
    .openapi({ description: "Makes a secret, which this answer alone shows. Not together with secret." }),
});

const registrationSchema = z
  .strictObject({
    created: z.boolean(),
    webhook: webhookSchema,
    secret: z
      .string()
      .optional()
      .openapi({ description: "The secret that was made on request. Keep it: nothing else shows it." }),
    warnings: z.array(z.string()),
  })
  .openapi("WebhookRegistration");

const listWebhooks = describeRoute({
  method: "get",
  path: "/api/v1/integrations/webhooks",
  operationId: "listWebhooks",
  summary: "List webhooks, oldest first",
  security,
  responses: {
    200: jsonResponse("All webhooks, without their secrets.", z.object({ items: z.array(webhookSchema) })),
    ...problemResponses(401, 500, 503),
  },
});

const registerWebhook = describeRoute({
  method: "post",
  path: "/api/v1/integrations/webhooks",
  operationId: "registerWebhook",
  summary: "Register a webhook, or change the one with the same URL",
  security,
  request: {
    body: jsonRequest<WebhookInput>(webhookBody.openapi("NewWebhook")),
  },
  refusal: { body: { code: "INTEGRATIONS_INPUT_INVALID", what: "The webhook was not registered." } },
  responses: {
    201: jsonResponse("The webhook is registered.", registrationSchema),
    200: jsonResponse("The webhook that had this URL is changed.", registrationSchema),
    ...problemResponses(400, 401, 413, 415, 422, 500, 503),
  },
});

const deleteWebhook = describeRoute({
  method: "delete",
  path: "/api/v1/integrations/webhooks/{id}",
  operationId: "deleteWebhook",
  summary: "Delete a webhook",
  security,
  request: { params: z.object({ id: z.string() }) },
  responses: {
    204: { description: "It is gone." },
    ...problemResponses(401, 404, 500, 503),
  },
});

function notFound(id: string): ProblemError {
  const detail = `There is no webhook ${id}. GET /api/v1/integrations/webhooks lists them.`;
  return new ProblemError("WEBHOOK_NOT_FOUND", detail);
}
