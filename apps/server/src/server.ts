import type { Database, DataDirLock } from "@core/database";
import { databaseMigrations, lockDataDir, openDatabase } from "@core/database";
import type { Outbound } from "@core/outbound";
import { createOutbound, createWebhookDispatcher } from "@core/outbound";
import type { Logger, Registry } from "@core/registry";
import { createRegistry } from "@core/registry";
import type { Tasks, Worker } from "@core/tasks";
import { agentHandler, createTasks, tasksMigrations } from "@core/tasks";
import { assertAgentProgram } from "./agents/agent-program.ts";
import type { ConfiguredAgent } from "./agents/configured-agent.ts";
import { configuredAgent } from "./agents/configured-agent.ts";
import type { Configuration } from "./configuration.ts";
import { assertFolder } from "./data-folder.ts";
import { createDatabaseCheck } from "./database-health.ts";
import { createApp } from "./http/app.ts";
import type { Health } from "./http/health-route.ts";
import type { Listener } from "./http/listener.ts";
import { listen } from "./http/listener.ts";
import type { Key, Keys } from "./keys.ts";
import { resolveKeys } from "./keys.ts";

export interface ServerOptions {
  readonly configuration: Configuration;
  /** What a command agent's environment is made of. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly logger: Logger;
  /** Told each secret before anything can log it. */
  readonly onSecret: (secret: string) => void;
  /** Told the API key at the start that makes it, and never again. */
  readonly onApiKeyMade: (apiKey: Key) => void;
  /** Told the address once requests are accepted, before any work is taken up. */
  readonly onListening: (url: string, keys: Keys) => void;
}

/** A server that accepts tasks and works. */
export interface RunningServer {
  readonly url: string;
  /**
   * Accepts nothing more, waits for the work in hand at most `graceMs`, hands back what is not done by then, and
   * frees everything.
   */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/** What is undone when the server stops or does not come up: last made, first undone. */
type Undo = () => void | Promise<void>;

/**
 * Starts a server. One that cannot come up leaves nothing behind but its data folder.
 * @throws StartError, KeyFileError, DatabaseError and others whose messages say what to do
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const undo: Undo[] = [];
  try {
    return await compose(options, undo);
  } catch (error) {
    await undoAll(undo).catch(() => undefined);
    throw error;
  }
}

async function compose(options: ServerOptions, undo: Undo[]): Promise<RunningServer> {
  const { configuration, logger } = options;
  await assertAgentProgram(configuration.agent, options.environment);
  await assertFolder(configuration.dataDir);
  const lock = await lockDataDir(configuration.dataDir);
  undo.push(() => lock.release());
  const keys = await madeKeys(options);
  const database = await openedDatabase(configuration, lock, logger);
  undo.push(() => database.close());
  await database.migrate([databaseMigrations, tasksMigrations()]);
  const outbound = createOutbound({ allow: configuration.outboundAllow, logger });
  undo.push(() => outbound.close());
  const registry = filledRegistry(outbound, keys, configuration, logger);
  const types = { agent: { maxRunSeconds: Math.ceil(configuration.agentTimeoutMs / 1_000) } };
  const tasks = createTasks({ database, dispatchers: registry.dispatchers, types, logger });
  const agent = configuredAgent(configuration.agent, options.environment, logger);
  undo.push(() => agent.close());
  const worker = createdWorker(tasks, agent, keys, configuration, logger);
  undo.push(() => worker.stop({ graceMs: 0 }));
  const life: Life = { worker: "starting" };
  // A worker that starts takes over what its former life ran, so it starts only once this server has the port.
  const listener = await listened(options, keys, tasks, registry, database, life);
  undo.push(() => listener.close(0));
  options.onListening(listener.url, keys);
  await worker.start();
  life.worker = "running";
  return {
    url: listener.url,
    stop: ({ graceMs }) => stopInOrder(listener, worker, graceMs, life, undo),
  };
}

interface Life {
  worker: Health["worker"]["status"];
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

function filledRegistry(
  outbound: Outbound,
  keys: Keys,
  { outboundTimeoutMs }: Configuration,
  logger: Logger,
): Registry {
  const registry = createRegistry({ logger });
  const webhooks = createWebhookDispatcher({
    outbound,
    signingSecrets: [keys.signingSecret.value],
    timeoutMs: outboundTimeoutMs,
  });
  registry.dispatchers.register("webhook", webhooks, { owner: "@core/outbound" });
  return registry;
}

function createdWorker(
  tasks: Tasks,
  { runner }: ConfiguredAgent,
  keys: Keys,
  { workerConcurrency }: Configuration,
  logger: Logger,
): Worker {
  return tasks.createWorker({
    handlers: { agent: agentHandler(runner) },
    workerId: keys.workerId,
    concurrency: workerConcurrency,
    onTaskSettled: ({ id, type, attempt }, settled) =>
      logger.info({ task_id: id, type, attempt, settled }, "A run of a task has ended."),
  });
}

function listened(
  { configuration, version, logger }: ServerOptions,
  keys: Keys,
  tasks: Tasks,
  { dispatchers }: Registry,
  database: Database,
  life: Life,
): Promise<Listener> {
  const { host, port, publicUrl } = configuration;
  const isAnswering = createDatabaseCheck(database);
  const health = async (): Promise<Health> => ({
    database: { status: (await isAnswering()) ? "ok" : "unavailable", engine: database.engine },
    worker: { status: life.worker },
    integrations: [],
    processes: [],
  });
  const app = createApp({
    tasks,
    apiKey: keys.apiKey.value,
    taskTypes: ["agent"],
    dispatchTypes: dispatchers.list().map(({ type }) => type),
    health,
    version,
    publicUrl,
    logger,
  });
  return listen({ fetch: app.fetch, host, port });
}

async function stopInOrder(
  listener: Listener,
  worker: Worker,
  graceMs: number,
  life: Life,
  undo: Undo[],
): Promise<void> {
  life.worker = "stopped";
  await Promise.all([listener.close(graceMs), worker.stop({ graceMs })]);
  await undoAll(undo);
}

async function undoAll(undo: Undo[]): Promise<void> {
  for (const step of undo.splice(0).toReversed()) await step();
}
