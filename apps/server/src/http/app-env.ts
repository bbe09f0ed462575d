import type { OpenAPIHono } from "@hono/zod-openapi";

/** What our middleware leaves for the routes. */
export interface AppEnv {
  readonly Variables: { readonly requestId: string };
}

/** The Hono application that routes are added to. */
export type App = OpenAPIHono<AppEnv>;
