import type { RouteConfig } from "@hono/zod-openapi";
import { createRoute } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./app-env.ts";
import { jsonBody } from "./json-body.ts";
import type { RefusalWords, RequestParts } from "./request-part.ts";

type Description<Path extends string> = Omit<RouteConfig, "path" | "middleware"> & {
  readonly path: Path;
  readonly refusal?: Refusal | undefined;
};

/** How a route speaks of a request that its schemas refuse; what is left out is said in general words. */
export interface Refusal {
  readonly body?: RefusalWords;
  readonly path?: RefusalWords;
}

/** A route with its schemas, and the words in which it refuses what they do not take. A body is read as JSON. */
export function describeRoute<Path extends string, Route extends Description<Path>>(
  route: Route,
): ReturnType<typeof createRoute<Path, Route>> {
  const speaks = speaking(partsOf(route));
  const middleware = route.request?.body === undefined ? [speaks] : [speaks, jsonBody];
  // The words are no part of the OpenAPI document.
  return createRoute({ ...route, refusal: undefined, middleware });
}

/** Leaves for the check of the schemas how this route speaks. */
function speaking(parts: RequestParts): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    context.set("requestParts", parts);
    await next();
  };
}

function partsOf({ request, refusal = {} }: Description<string>): RequestParts {
  const { body = anyBody, path = anyPath } = refusal;
  const json = request?.body?.content["application/json"] ?? {};
  return {
    body: { ...body, schema: "schema" in json ? json.schema : undefined },
    query: { ...anyQuery, schema: request?.query },
    path: { ...path, schema: request?.params },
  };
}

const anyBody: RefusalWords = { code: "BODY_INVALID", what: "Nothing was done." };
const anyQuery: RefusalWords = { code: "QUERY_INVALID", what: "The query cannot be answered." };
const anyPath: RefusalWords = { code: "PATH_INVALID", what: "The path cannot be read." };
