import type { IntegrationStatus } from "@core/host";
import { z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { describeRoute } from "./described-route.ts";
import { jsonResponse, problemResponses } from "./documented-response.ts";

/** Which integrations there are, how they are, and what keeps them from working. */
export function addIntegrationRoutes(
  app: App,
  integrations: () => Promise<readonly IntegrationStatus[]>,
): void {
  app.openapi(listIntegrations, async (context) =>
    context.json<unknown, 200>({ items: await integrations() }, 200),
  );
}

/** The states of an integration, in the order of its life. */
export const integrationStates = ["not_configured", "starting", "ready", "failed", "stopped"] as const;

const integrationSchema = z
  .strictObject({
    type: z.string().openapi({ example: "hello" }),
    package_name: z.string().nullable(),
    description: z.string().nullable(),
    status: z.enum(integrationStates),
    since: z.iso.datetime(),
    missing: z.array(z.string()).optional().openapi({ description: "Variables that have to be set." }),
    issues: z
      .array(z.strictObject({ field: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: "Variables whose values cannot be used." }),
    error: z.string().optional().openapi({ description: "Why it failed." }),
    health: z
      .strictObject({ status: z.enum(["ok", "degraded", "down"]), detail: z.string().optional() })
      .optional()
      .openapi({ description: "What it says of itself." }),
    capabilities: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: "What its dispatcher can do; null: it delivers nothing." }),
    environment: z.array(
      z.strictObject({ name: z.string(), required: z.boolean(), secret: z.boolean(), set: z.boolean() }),
    ),
  })
  .openapi("Integration");

const listIntegrations = describeRoute({
  method: "get",
  path: "/api/v1/integrations",
  operationId: "listIntegrations",
  summary: "List the integrations and what keeps them from working",
  security: [{ apiKey: [] }],
  responses: {
    200: jsonResponse("All integrations.", z.object({ items: z.array(integrationSchema) })),
    ...problemResponses(401),
  },
});
