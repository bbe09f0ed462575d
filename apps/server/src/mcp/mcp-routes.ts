import type { Logger } from "@core/registry";
import type { McpServerFactory } from "@modelcontextprotocol/server";
import { createMcpHandler } from "@modelcontextprotocol/server";
import type { MiddlewareHandler } from "hono";
import type { App, AppEnv } from "../http/app-env.ts";
import type { CallerGuardOptions } from "../http/caller-guard.ts";
import { callerGuard } from "../http/caller-guard.ts";

export interface McpRouteOptions extends CallerGuardOptions {
  readonly servers: McpServerFactory;
  readonly withKey: MiddlewareHandler<AppEnv>;
  readonly logger: Logger;
  /** Aborted when the server stops, which ends subscriptions; calls that are under way go on. */
  readonly closing: AbortSignal;
}

const MAX_BODY_BYTES = 1_048_576;

/** The Model Context Protocol by streamable HTTP, without sessions, in its revisions of 2025 and 2026. */
export function addMcpRoute(app: App, options: McpRouteOptions): void {
  const { withKey, logger, closing } = options;
  const handler = createMcpHandler(options.servers, {
    maxRequestBodySize: MAX_BODY_BYTES,
    onerror: (error) => logger.debug({ err: error }, "A request to /mcp was refused or failed."),
  });
  app.all("/mcp", callerGuard(options), withKey, ({ req }) => {
    const isEndless = req.header("mcp-method") === "subscriptions/listen";
    const signal = isEndless ? AbortSignal.any([req.raw.signal, closing]) : req.raw.signal;
    return handler.fetch(new Request(req.raw, { signal }));
  });
}
