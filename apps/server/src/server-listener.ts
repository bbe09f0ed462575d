import type { Database } from "@core/database";
import type { IntegrationHost } from "@core/host";
import type { Logger, Registry } from "@core/registry";
import type { Tasks } from "@core/tasks";
import type { Configuration } from "./configuration.ts";
import { createDatabaseCheck } from "./database-health.ts";
import type { ServerFiles } from "./files/server-files.ts";
import { createApp } from "./http/app.ts";
import type { Health } from "./http/health-route.ts";
import type { ServedIntegrations } from "./http/integrations-state/served-integrations.ts";
import type { Listener } from "./http/listener.ts";
import { listen } from "./http/listener.ts";
import { mcpServerFactory } from "./mcp/mcp-server.ts";
import type { ServedTool } from "./mcp/served-tool.ts";
import { recordRunningServer } from "./running-server.ts";

export interface ServerListenerOptions {
  readonly apiKey: string;
  readonly tasks: Tasks;
  readonly registry: Registry;
  readonly host: IntegrationHost;
  /** Webhooks, notifications and git auto-commit. Default: not served. */
  readonly integrationsState?: ServedIntegrations | undefined;
  readonly files: ServerFiles;
  readonly tools: readonly ServedTool[];
  readonly database: Database;
  readonly workerStatus: () => Health["worker"]["status"];
  readonly configuration: Pick<Configuration, "host" | "port" | "publicUrl" | "dataDir">;
  readonly version: string;
  readonly logger: Logger;
}

/** Opens the port, answers the HTTP API, and leaves word of it in the data folder. */
export async function listenForRequests(options: ServerListenerOptions): Promise<Listener> {
  const { apiKey, tasks, registry, host: integrations, files, tools, database, version, logger } = options;
  const { host, port, publicUrl, dataDir } = options.configuration;
  const isAnswering = createDatabaseCheck(database);
  const health = async (): Promise<Health> => ({
    database: { status: (await isAnswering()) ? "ok" : "unavailable", engine: database.engine },
    worker: { status: options.workerStatus() },
    integrations: await integrations.list({ askHealth: false }),
    processes: [],
  });
  const closing = new AbortController();
  const app = createApp({
    tasks,
    apiKey,
    taskTypes: ["agent"],
    dispatchTypes: registry.dispatchers.list().map(({ type }) => type),
    health,
    integrations: () => integrations.list(),
    integrationsState: options.integrationsState,
    blobs: files.blobs,
    fileLinks: files.links,
    mcp: mcpServerFactory({ tools, version }),
    version,
    publicUrl,
    host,
    logger,
    closing: closing.signal,
  });
  const { url, close } = await listen({ fetch: app.fetch, host, port });
  const forget = await recordRunningServer(dataDir, url).catch(async (error: unknown) => {
    await close(0);
    throw error;
  });
  return {
    url,
    async close(graceMs) {
      closing.abort();
      await forget();
      await close(graceMs);
    },
  };
}
