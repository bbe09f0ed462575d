import type { Database } from "@core/database";
import type { AgentRunner, Bot, Logger, Registry } from "@core/registry";
import type { Tasks, Worker } from "@core/tasks";
import { agentHandler, createTasks } from "@core/tasks";
import { openTelemetry } from "@core/tasks/opentelemetry";
import type { Configuration } from "./configuration.ts";
import type { FileLinks } from "./files/file-links.ts";

export interface ServerTasksOptions {
  readonly database: Database;
  readonly registry: Registry;
  readonly bots: ReadonlyMap<string, Bot>;
  readonly links: FileLinks;
  readonly runner: AgentRunner;
  readonly workerId: string;
  readonly configuration: Pick<Configuration, "agentTimeoutMs" | "workerConcurrency">;
  readonly logger: Logger;
}

/** The tasks of a server, and the worker that runs them and sends their results. */
export function createServerTasks(options: ServerTasksOptions): {
  readonly tasks: Tasks;
  readonly worker: Worker;
} {
  const { database, registry, bots, links, runner, workerId, configuration, logger } = options;
  const { dispatchers, hooks } = registry;
  const tasks = createTasks({
    database,
    dispatchers,
    hooks,
    types: { agent: { maxRunSeconds: Math.ceil(configuration.agentTimeoutMs / 1_000) } },
    resolveBot: async (id) => bots.get(id) ?? null,
    fileLink: links.linkTo,
    // Does nothing until an SDK is registered, with `node --import`.
    telemetry: openTelemetry(),
    logger,
  });
  const worker = tasks.createWorker({
    handlers: { agent: agentHandler(runner, { hooks }) },
    workerId,
    concurrency: configuration.workerConcurrency,
    onTaskSettled: ({ id, type, attempt }, settled) =>
      logger.info({ task_id: id, type, attempt, settled }, "A run of a task has ended."),
  });
  return { tasks, worker };
}
