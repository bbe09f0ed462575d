import type { Database } from "@core/database";
import type { IntegrationHost } from "@core/host";
import { createIntegrationHost, secretVariables } from "@core/host";
import { integrationTools } from "@core/integrations-state";
import { createOutbound } from "@core/outbound";
import type { Bot, FilePort, Integration, Registry } from "@core/registry";
import { createRegistry, systemClock } from "@core/registry";
import type { Tasks } from "@core/tasks";
import { assertAgent } from "./agents/agent-check.ts";
import type { ConfiguredAgent } from "./agents/configured-agent.ts";
import { configuredAgent } from "./agents/configured-agent.ts";
import { readBots } from "./bots-file.ts";
import { assertFolder, assertRepositoryFolder } from "./data-folder.ts";
import type { ServerFiles } from "./files/server-files.ts";
import { createServerFiles } from "./files/server-files.ts";
import type { Health } from "./http/health-route.ts";
import { createIntegrationPorts } from "./integrations/integration-ports.ts";
import { createServerHost } from "./integrations/server-host.ts";
import { registerWebhooks } from "./integrations/webhooks.ts";
import type { IntegrationsState } from "./integrations-state/integrations-state.ts";
import { openIntegrationsState } from "./integrations-state/integrations-state.ts";
import { tellOfToolCalls } from "./integrations-state/tool-call-events.ts";
import type { Keys } from "./keys.ts";
import { servedTools } from "./mcp/served-tool.ts";
import { withoutOwnSecrets } from "./own-secrets.ts";
import type { FoundationOptions } from "./server-foundation.ts";
import { openFoundation } from "./server-foundation.ts";
import { listenForRequests } from "./server-listener.ts";
import { createServerTasks } from "./server-tasks.ts";
import type { Undo } from "./undo.ts";
import { undoAll } from "./undo.ts";

export interface ServerOptions extends FoundationOptions {
  /** The variables of the integrations, and what a command agent's environment is made of. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly integrations: readonly Integration[];
  readonly version: string;
  /** Told the address once requests are accepted, before any work is taken up. */
  readonly onListening: (url: string, keys: Keys) => void;
  /** Aborted when the server shall not come up any more: what has been made is undone, and the start rejects. */
  readonly signal?: AbortSignal;
}

/** A server that accepts tasks and works. */
export interface RunningServer {
  readonly url: string;
  /**
   * Accepts nothing more, waits for the work in hand at most `graceMs`, hands back what is not done by then, and
   * frees everything. Every call waits for the same stop.
   */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/**
 * Starts a server. One that cannot come up leaves nothing behind but its data folder.
 * @throws StartError, KeyFileError, DatabaseError and others whose messages say what to do
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const undo: Undo[] = [];
  try {
    return await compose(options, undo);
  } catch (error) {
    await undoAll(undo, options.logger);
    throw error;
  }
}

async function compose(options: ServerOptions, undo: Undo[]): Promise<RunningServer> {
  const { configuration, environment, logger } = options;
  const { dataDir, botsFile, mcpAllowUrls: allowUrls, mcpReadOnly: readOnly } = configuration;
  await assertAgent(configuration.agent, environment);
  const bots = botsFile === null ? new Map<string, Bot>() : await readBots(botsFile);
  await assertFolder(dataDir);
  await assertRepositoryFolder(configuration.gitAutoCommitRepository);
  const { keys, database, leaveFleet } = await openFoundation(options, undo);

  const files = createServerFiles(database, keys, configuration);
  const { registry, integrationsState } = openDispatching({ ...options, keys, database, files }, undo);
  await integrationsState.seal();
  const { runner, close: closeAgent } = await openedAgent(options, files.port);
  undo.push(closeAgent);
  const { tasks, worker, told } = createServerTasks({
    database,
    registry,
    integrationsState,
    bots,
    links: files.links,
    runner,
    workerId: keys.workerId,
    configuration,
    logger,
  });
  undo.push(() => told.close());
  undo.push(tellOfToolCalls({ hooks: registry.hooks, integrations: told, tasks }));
  const host = openIntegrations({ ...options, registry, database, files: files.port, tasks }, undo);
  undo.push(() => worker.stop({ graceMs: 0 }));

  let workerStatus: Health["worker"]["status"] = "starting";
  // A worker that starts takes over what its former life ran, so it starts only once this server has the port.
  const listener = await listenForRequests({
    ...options,
    apiKey: keys.apiKey.value,
    tasks,
    registry,
    host,
    integrationsState: told,
    files,
    tools: servedTools(integrationTools(told, { allowUrls, readOnly, logger })),
    database,
    workerStatus: () => workerStatus,
  });
  undo.push(() => listener.close(0));
  options.onListening(listener.url, keys);
  // Deliveries whose dispatcher is not ready would be parked first, so integrations come before the worker.
  await startUnless(options.signal, host);
  await worker.start();
  options.signal?.throwIfAborted();
  workerStatus = "running";
  let stopping: Promise<void> | null = null;
  return { url: listener.url, stop: ({ graceMs }) => (stopping ??= stop(graceMs)) };

  async function stop(graceMs: number): Promise<void> {
    workerStatus = "stopped";
    await Promise.allSettled([listener.close(graceMs), worker.stop({ graceMs })]);
    // Others need not wait for the integrations to end.
    await leaveFleet();
    await undoAll(undo, logger);
  }
}

interface DispatchingOptions extends Pick<
  ServerOptions,
  "configuration" | "environment" | "integrations" | "logger"
> {
  readonly keys: Keys;
  readonly database: Database;
  readonly files: ServerFiles;
}

/** Who delivers, and the state of those who are told of events. */
function openDispatching(
  { configuration, environment, integrations, logger, keys, database, files }: DispatchingOptions,
  undo: Undo[],
): { readonly registry: Registry; readonly integrationsState: IntegrationsState } {
  const registry = createRegistry({ integrations, logger });
  const outbound = createOutbound({ allow: configuration.outboundAllow, logger });
  undo.push(() => outbound.close());
  registerWebhooks(registry, { outbound, keys, links: files.links, configuration });
  const integrationsState = openIntegrationsState({
    database,
    registry,
    outbound,
    keys,
    fileLink: files.links.linkTo,
    configuration,
    environment: withoutOwnSecrets(environment, secretVariables(integrations)),
    logger,
  });
  undo.push(() => integrationsState.close());
  return { registry, integrationsState };
}

interface IntegrationsOptions extends Pick<ServerOptions, "configuration" | "environment" | "logger"> {
  readonly registry: Registry;
  readonly database: Database;
  readonly files: FilePort;
  readonly tasks: Tasks;
}

/** The integrations, still to be started, with what they may use of this server. */
function openIntegrations(
  { configuration, environment, logger, registry, database, files, tasks }: IntegrationsOptions,
  undo: Undo[],
): IntegrationHost {
  const serverHost = createServerHost(tasks);
  const { ports, close } = createIntegrationPorts({
    database,
    files,
    host: serverHost,
    configuration,
    logger,
  });
  undo.push(close);
  const host = createIntegrationHost({
    registry,
    environment: withoutOwnSecrets(environment),
    ports,
    logger,
    stopTimeoutMs: 3_000,
  });
  undo.push(() => host.stop());
  return host;
}

/** Starts the integrations; an abort ends those that still start. */
async function startUnless(signal: AbortSignal | undefined, host: IntegrationHost): Promise<void> {
  signal?.throwIfAborted();
  const interrupt = (): void => void host.stop();
  signal?.addEventListener("abort", interrupt, { once: true });
  await host.start();
  signal?.removeEventListener("abort", interrupt);
  signal?.throwIfAborted();
}

function openedAgent(
  { configuration, environment, integrations, logger }: ServerOptions,
  files: FilePort,
): Promise<ConfiguredAgent> {
  const secrets = secretVariables(integrations);
  const options = { environment, secretVariables: secrets, files, clock: systemClock, logger };
  return configuredAgent(configuration.agent, options);
}
