import { randomUUID } from "node:crypto";
import type { Logger } from "@core/registry";
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./app-env.ts";

/** Gives each request an id, each answer the headers all answers have, and the log a line without the query. */
export function requestLog(logger: Logger): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const startedAt = performance.now();
    const requestId = acceptable(context.req.header("x-request-id")) ?? randomUUID();
    context.set("requestId", requestId);
    await next();
    const { method, path } = context.req;
    const { status, headers } = context.res;
    headers.set("x-request-id", requestId);
    headers.set("x-content-type-options", "nosniff");
    headers.set("cache-control", "no-store");
    const durationMs = Math.round(performance.now() - startedAt);
    logger.debug(
      { request_id: requestId, method, path, status, duration_ms: durationMs },
      "A request was answered.",
    );
  };
}

function acceptable(id: string | undefined): string | undefined {
  return id !== undefined && /^[\w.-]{1,64}$/.test(id) ? id : undefined;
}
