import { createRoute, z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { jsonResponse } from "./documented-response.ts";

/** How the server is, as anybody may know it. */
export interface Health {
  readonly database: { readonly status: "ok" | "unavailable"; readonly engine: "postgres" | "pglite" };
  readonly worker: { readonly status: "starting" | "running" | "stopped" };
  readonly integrations: readonly never[];
  readonly processes: readonly never[];
}

/** Tells without a key whether the server can work; 503 when its database does not answer. */
export function addHealthRoute(app: App, health: () => Promise<Health>): void {
  app.openapi(readHealth, async (context) => {
    const { database, ...rest } = await health();
    const isOk = database.status === "ok";
    const body = { status: isOk ? "ok" : "unavailable", database, ...rest };
    return context.json<unknown, 200 | 503>(body, isOk ? 200 : 503);
  });
}

const healthSchema = z
  .strictObject({
    status: z.enum(["ok", "unavailable"]),
    database: z.strictObject({
      status: z.enum(["ok", "unavailable"]),
      engine: z.enum(["postgres", "pglite"]),
    }),
    worker: z.strictObject({ status: z.enum(["starting", "running", "stopped"]) }),
    integrations: z.array(z.unknown()),
    processes: z.array(z.unknown()),
  })
  .openapi("Health");

const readHealth = createRoute({
  method: "get",
  path: "/health",
  operationId: "readHealth",
  summary: "Whether the server can work",
  responses: {
    200: jsonResponse("It can.", healthSchema),
    503: jsonResponse("The database does not answer.", healthSchema),
  },
});
