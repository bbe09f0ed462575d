import type { Database } from "@core/database";
import type { Integrations } from "@core/integrations-state";
import type { AgentRunner, Bot, Logger, Registry } from "@core/registry";
import type { Tasks, Worker } from "@core/tasks";
import { agentHandler, createTasks } from "@core/tasks";
import { openTelemetry } from "@core/tasks/opentelemetry";
import type { Configuration } from "./configuration.ts";
import type { FileLinks } from "./files/file-links.ts";
import type { IntegrationsState } from "./integrations-state/integrations-state.ts";
import { createCreatedEvents } from "./integrations-state/created-events.ts";
import { EVENT_TASK_TYPE, eventsOfEnds, eventTaskHandler } from "./integrations-state/end-events.ts";

export interface ServerTasksOptions {
  readonly database: Database;
  readonly registry: Registry;
  readonly integrationsState: Pick<IntegrationsState, "store" | "open">;
  readonly bots: ReadonlyMap<string, Bot>;
  readonly links: FileLinks;
  readonly runner: AgentRunner;
  readonly workerId: string;
  readonly configuration: Pick<Configuration, "agentTimeoutMs" | "workerConcurrency">;
  readonly logger: Logger;
}

const EVENT_TASKS_KEPT = { complete: { ageMs: 24 * 60 * 60_000 } };

/** What works in a server: its tasks, the worker that runs them and sends their results, and who is told of them. */
export interface ServerTasks {
  readonly tasks: Tasks;
  readonly worker: Worker;
  readonly told: Integrations;
}

export function createServerTasks(options: ServerTasksOptions): ServerTasks {
  const { registry, integrationsState, runner, workerId, configuration, logger } = options;
  const { hooks } = registry;
  const queue = createQueue(options);
  const integrations = integrationsState.open(queue.deliveries);
  const created = createCreatedEvents({ store: integrationsState.store, integrations, logger });
  const worker = queue.createWorker({
    handlers: {
      agent: created.before(agentHandler(runner, { hooks })),
      [EVENT_TASK_TYPE]: eventTaskHandler(integrations),
    },
    workerId,
    concurrency: configuration.workerConcurrency,
    onTaskSettled: ({ id, type, attempt }, settled) =>
      logger.info({ task_id: id, type, attempt, settled }, "A run of a task has ended."),
  });
  return { tasks: created.telling(queue), worker, told: integrations };
}

function createQueue(options: ServerTasksOptions): Tasks {
  const { database, registry, integrationsState, bots, links, configuration, logger } = options;
  const { dispatchers, hooks } = registry;
  return createTasks({
    database,
    dispatchers,
    hooks,
    types: {
      agent: { maxRunSeconds: Math.ceil(configuration.agentTimeoutMs / 1_000) },
      // What they tell of stays; that they told it is of use for a while.
      [EVENT_TASK_TYPE]: { keep: EVENT_TASKS_KEPT },
    },
    followUps: eventsOfEnds({ store: integrationsState.store, logger }),
    resolveBot: async (id) => bots.get(id) ?? null,
    fileLink: links.linkTo,
    // Does nothing until an SDK is registered, with `node --import`.
    telemetry: openTelemetry(),
    logger,
  });
}
