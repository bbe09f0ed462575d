import type { IntegrationStatus } from "@core/host";
import { z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { describeRoute } from "./described-route.ts";
import { jsonResponse } from "./documented-response.ts";
import { integrationStates } from "./integration-routes.ts";

/** How the server is, as anybody may know it. */
export interface Health {
  readonly database: { readonly status: "ok" | "unavailable"; readonly engine: "postgres" | "pglite" };
  readonly worker: { readonly status: "starting" | "running" | "stopped" };
  readonly integrations: readonly Pick<IntegrationStatus, "type" | "status" | "missing">[];
  readonly processes: readonly never[];
}

/** Tells without a key whether the server can work; 503 when its database does not answer. */
export function addHealthRoute(app: App, health: () => Promise<Health>): void {
  app.openapi(readHealth, async (context) => {
    const { database, worker, integrations, processes } = await health();
    const isOk = database.status === "ok";
    const body = {
      status: isOk ? "ok" : "unavailable",
      database,
      worker,
      integrations: integrations.map(asAnybodyMayKnow),
      processes,
    };
    return context.json<unknown, 200 | 503>(body, isOk ? 200 : 503);
  });
}

/** What an error says is for those who have the key. */
function asAnybodyMayKnow({ type, status, missing }: Health["integrations"][number]): object {
  return { type, status, ...(missing && { missing }) };
}

const healthSchema = z
  .strictObject({
    status: z.enum(["ok", "unavailable"]),
    database: z.strictObject({
      status: z.enum(["ok", "unavailable"]),
      engine: z.enum(["postgres", "pglite"]),
    }),
    worker: z.strictObject({ status: z.enum(["starting", "running", "stopped"]) }),
    integrations: z.array(
      z.strictObject({
        type: z.string(),
        status: z.enum(integrationStates),
        missing: z.array(z.string()).optional().openapi({ description: "Variables that have to be set." }),
      }),
    ),
    processes: z.array(z.unknown()),
  })
  .openapi("Health");

const readHealth = describeRoute({
  method: "get",
  path: "/health",
  operationId: "readHealth",
  summary: "Whether the server can work",
  responses: {
    200: jsonResponse("It can.", healthSchema),
    503: jsonResponse("The database does not answer.", healthSchema),
  },
});
