import { z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { describeRoute } from "./described-route.ts";
import { jsonResponse } from "./documented-response.ts";
import { webhook } from "./webhook-document.ts";

export interface OpenApiOptions {
  readonly version: string;
  readonly publicUrl: string | null;
}

/** Describes every route to machines, without a key. */
export function addOpenApiRoute(app: App, { version, publicUrl }: OpenApiOptions): void {
  const { openAPIRegistry } = app;
  openAPIRegistry.registerComponent("securitySchemes", "apiKey", { type: "http", scheme: "bearer" });
  openAPIRegistry.registerWebhook(webhook);
  app.openapi(readDocument, (context) => {
    const document = app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: {
        title: "Agent server",
        version,
        description: "Tasks for an agent, and the deliveries of their results.",
      },
      servers: [{ url: publicUrl ?? "/" }],
    });
    return context.json<unknown, 200>(document, 200);
  });
}

const readDocument = describeRoute({
  method: "get",
  path: "/openapi.json",
  operationId: "readOpenApi",
  summary: "This document",
  responses: { 200: jsonResponse("An OpenAPI 3.1 document.", z.record(z.string(), z.unknown())) },
});
