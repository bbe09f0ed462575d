import type { Database, DataDirLock } from "@core/database";
import { lockDataDir, openDatabase } from "@core/database";
import type { IntegrationHost } from "@core/host";
import { createIntegrationHost, secretVariables } from "@core/host";
import { integrationTools } from "@core/integrations-state";
import { createOutbound } from "@core/outbound";
import type { Bot, FilePort, Integration, Logger } from "@core/registry";
import { createRegistry, systemClock } from "@core/registry";
import { assertAgent } from "./agents/agent-check.ts";
import type { ConfiguredAgent } from "./agents/configured-agent.ts";
import { configuredAgent } from "./agents/configured-agent.ts";
import { readBots } from "./bots-file.ts";
import type { Configuration } from "./configuration.ts";
import { assertFolder, assertRepositoryFolder } from "./data-folder.ts";
import { createServerFiles } from "./files/server-files.ts";
import { joinFleet } from "./fleet/join-fleet.ts";
import { serverMigrations } from "./fleet/migrations.ts";
import type { Health } from "./http/health-route.ts";
import { createIntegrationPorts } from "./integrations/integration-ports.ts";
import { registerWebhooks } from "./integrations/webhooks.ts";
import { openIntegrationsState } from "./integrations-state/integrations-state.ts";
import { tellOfToolCalls } from "./integrations-state/tool-call-events.ts";
import type { Key, Keys } from "./keys.ts";
import { resolveKeys } from "./keys.ts";
import { servedTools } from "./mcp/served-tool.ts";
import { migrationSets } from "./migration-sets.ts";
import { withoutOwnSecrets } from "./own-secrets.ts";
import { listenForRequests } from "./server-listener.ts";
import { createServerTasks } from "./server-tasks.ts";
import type { Undo } from "./undo.ts";
import { undoAll } from "./undo.ts";

export interface ServerOptions {
  readonly configuration: Configuration;
  /** The variables of the integrations, and what a command agent's environment is made of. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly integrations: readonly Integration[];
  readonly version: string;
  readonly logger: Logger;
  /** Told each secret before anything can log it. */
  readonly onSecret: (secret: string) => void;
  /** Told the API key at the start that makes it, and never again. */
  readonly onApiKeyMade: (apiKey: Key) => void;
  /** Told the address once requests are accepted, before any work is taken up. */
  readonly onListening: (url: string, keys: Keys) => void;
  /** Aborted when the server shall not come up any more: what has been made is undone, and the start rejects. */
  readonly signal?: AbortSignal;
  /** Told that a server with other keys has taken this one's place on the database: it has to stop. */
  readonly onConflict: (message: string) => void;
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
  const { configuration, environment, integrations, logger } = options;
  const { dataDir, botsFile } = configuration;
  await assertAgent(configuration.agent, environment);
  const bots = botsFile === null ? new Map<string, Bot>() : await readBots(botsFile);
  await assertFolder(dataDir);
  await assertRepositoryFolder(configuration.gitAutoCommitRepository);
  const lock = await lockDataDir(dataDir);
  undo.push(() => lock.release());
  const keys = await madeKeys(options);
  const database = await openedDatabase(configuration, lock, logger);
  undo.push(() => database.close());
  // A server that is refused must not have changed the tables of those that work.
  await database.migrate([serverMigrations]);
  const leaveFleet = database.engine === "postgres" ? await joinedFleet(options, database, keys) : nothing;
  undo.push(leaveFleet);
  await database.migrate(migrationSets());

  const files = createServerFiles(database, keys, configuration);
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
  const { ports, close } = createIntegrationPorts({ database, files: files.port, configuration, logger });
  undo.push(close);
  const host = createIntegrationHost({
    registry,
    environment: withoutOwnSecrets(environment),
    ports,
    logger,
    stopTimeoutMs: 3_000,
  });
  undo.push(() => host.stop());

  const { runner, close: closeAgent } = await openedAgent(options, files.port);
  undo.push(closeAgent);
  const { workerId } = keys;
  const { tasks, worker, integrations: told } = createServerTasks({
    database,
    registry,
    integrationsState,
    bots,
    links: files.links,
    runner,
    workerId,
    configuration,
    logger,
  });
  undo.push(() => told.close());
  undo.push(tellOfToolCalls({ hooks: registry.hooks, integrations: told, tasks }));
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
    tools: servedTools(integrationTools(told, { ...toolSettings(configuration), logger })),
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

/** Starts the integrations; an abort ends those that still start. */
async function startUnless(signal: AbortSignal | undefined, host: IntegrationHost): Promise<void> {
  signal?.throwIfAborted();
  const interrupt = (): void => void host.stop();
  signal?.addEventListener("abort", interrupt, { once: true });
  await host.start();
  signal?.removeEventListener("abort", interrupt);
  signal?.throwIfAborted();
}

async function madeKeys({ configuration, logger, onSecret, onApiKeyMade }: ServerOptions): Promise<Keys> {
  const keys = await resolveKeys(configuration, logger);
  for (const { value } of [keys.apiKey, keys.signingSecret, keys.encryptionKey]) onSecret(value);
  if (keys.apiKey.source === "generated") onApiKeyMade(keys.apiKey);
  return keys;
}

function openedDatabase(
  { databaseUrl, dataDir }: Configuration,
  lock: DataDirLock,
  logger: Logger,
): Promise<Database> {
  return databaseUrl === null
    ? openDatabase({ dataDir, lock, logger })
    : openDatabase({ url: databaseUrl, logger });
}

async function joinedFleet(
  { logger, onConflict }: ServerOptions,
  database: Database,
  keys: Keys,
): Promise<Undo> {
  const { apiKey, signingSecret, encryptionKey, workerId: serverId } = keys;
  const values = {
    apiKey: apiKey.value,
    signingSecret: signingSecret.value,
    encryptionKey: encryptionKey.value,
  };
  const fleet = await joinFleet({ database, serverId, keys: values, onConflict, logger });
  return () => fleet.leave();
}

function openedAgent(
  { configuration, environment, integrations, logger }: ServerOptions,
  files: FilePort,
): Promise<ConfiguredAgent> {
  const secrets = secretVariables(integrations);
  const options = { environment, secretVariables: secrets, files, clock: systemClock, logger };
  return configuredAgent(configuration.agent, options);
}

const nothing: Undo = () => undefined;
