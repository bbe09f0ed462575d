import type { BlobStore } from "@core/database";
import type { IntegrationStatus } from "@core/host";
import type { Clock, Logger } from "@core/registry";
import type { Tasks } from "@core/tasks";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { McpServerFactory } from "@modelcontextprotocol/server";
import { except } from "hono/combine";
import type { App, AppEnv } from "./app-env.ts";
import type { FileLinks } from "../files/file-links.ts";
import { authentication } from "./authentication.ts";
import { addDeliveryRoutes } from "./delivery-routes.ts";
import { addEventRoutes } from "./event-routes.ts";
import { addFileRoutes, fileLinkAuthentication } from "./file-routes.ts";
import type { Health } from "./health-route.ts";
import { addHealthRoute } from "./health-route.ts";
import { addIntegrationRoutes } from "./integration-routes.ts";
import { addIntegrationStateRoutes } from "./integrations-state/integration-state-routes.ts";
import type { ServedIntegrations } from "./integrations-state/served-integrations.ts";
import { addOpenApiRoute } from "./openapi-route.ts";
import { ProblemError, problemResponse, problemStatuses } from "./problem.ts";
import { refuseInvalid } from "./refuse-invalid.ts";
import { requestLog } from "./request-log.ts";
import { addScheduleActionRoutes } from "./schedule-action-routes.ts";
import { addScheduleRoutes } from "./schedule-routes.ts";
import { addStatsRoute } from "./stats-route.ts";
import { addTaskActionRoutes } from "./task-action-routes.ts";
import { addTaskBulkRoutes } from "./task-bulk-routes.ts";
import { addTaskRoutes } from "./task-routes.ts";
import { problemOfThrown } from "./thrown-problem.ts";
import { answerUnrouted } from "./unrouted.ts";
import { addMcpRoute } from "../mcp/mcp-routes.ts";

/** What the API needs of the queue. */
export type ServedTasks = Pick<
  Tasks,
  | "enqueue"
  | "get"
  | "list"
  | "deliveries"
  | "cancel"
  | "retry"
  | "redrive"
  | "prune"
  | "stats"
  | "schedules"
  | "events"
>;

export interface AppOptions {
  readonly tasks: ServedTasks;
  readonly apiKey: string;
  /** The task types that somebody here runs. */
  readonly taskTypes: readonly string[];
  /** The dispatch types that are known here. */
  readonly dispatchTypes: readonly string[];
  readonly health: () => Promise<Health>;
  readonly integrations: () => Promise<readonly IntegrationStatus[]>;
  /** Webhooks, notifications and git auto-commit. Default: there are no routes for them. */
  readonly integrationsState?: ServedIntegrations | undefined;
  readonly blobs: Pick<BlobStore, "open">;
  readonly fileLinks: Pick<FileLinks, "judge">;
  /** What is offered by the Model Context Protocol. */
  readonly mcp: McpServerFactory;
  readonly version: string;
  /** Where the world reaches this server. */
  readonly publicUrl: string | null;
  /** The address that the server is bound to. */
  readonly host: string;
  readonly logger: Logger;
  /** Aborted when the server stops, which ends answers that would go on. Default: never. */
  readonly closing?: AbortSignal;
  readonly clock?: Clock;
}

/** The HTTP API, without a port: `app.fetch(request)` answers. */
export function createApp(options: AppOptions): App {
  const { logger } = options;
  const app: App = new OpenAPIHono<AppEnv>({ strict: false, defaultHook: refuseInvalid });
  app.use(requestLog(logger));
  const withKey = authentication(options.apiKey);
  app.use("/api/v1/files/*", fileLinkAuthentication(options.fileLinks, withKey));
  app.use("/api/*", except("/api/v1/files/*", withKey));
  addHealthRoute(app, options.health);
  // Before the tasks, whose ids stand in the same place.
  addStatsRoute(app, options.tasks);
  addTaskActionRoutes(app, options.tasks);
  addTaskBulkRoutes(app, options.tasks);
  addTaskRoutes(app, options);
  addDeliveryRoutes(app, options.tasks.deliveries);
  addScheduleRoutes(app, { schedules: options.tasks.schedules, taskTypes: options.taskTypes });
  addScheduleActionRoutes(app, options.tasks.schedules);
  addEventRoutes(app, options);
  addFileRoutes(app, options.blobs);
  addIntegrationRoutes(app, options.integrations);
  if (options.integrationsState !== undefined) addIntegrationStateRoutes(app, options.integrationsState);
  addMcpRoute(app, { closing: new AbortController().signal, ...options, servers: options.mcp, withKey });
  addOpenApiRoute(app, options);
  app.notFound((context) => answerUnrouted(app, context));
  app.onError((error, context) => {
    const requestId = context.get("requestId");
    const problem = problemOfThrown(error);
    if (problem === null || isForOperator(problem))
      logger.error({ request_id: requestId, err: error }, "A request failed unexpectedly.");
    return problemResponse(problem ?? internalError(requestId), requestId);
  });
  return app;
}

/** That the database does not answer is told elsewhere, and by every request it would be too much. */
function isForOperator({ code }: ProblemError): boolean {
  return problemStatuses[code] >= 500 && code !== "DATABASE_UNAVAILABLE";
}

function internalError(requestId: string): ProblemError {
  const detail = `Something unexpected happened. The server's log tells more under the request id ${requestId}.`;
  return new ProblemError("INTERNAL_ERROR", detail);
}
