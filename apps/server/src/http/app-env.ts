import type { OpenAPIHono } from "@hono/zod-openapi";
import type { RequestParts } from "./request-part.ts";

/** What our middleware leaves for the routes. */
export interface AppEnv {
  readonly Variables: {
    readonly requestId: string;
    /** Of the route that takes the request. */
    readonly requestParts: RequestParts;
  };
}

/** The Hono application that routes are added to. */
export type App = OpenAPIHono<AppEnv>;
