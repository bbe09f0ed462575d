import type { Integrations, IntegrationsParts } from "@core/integrations-state";
import { INTEGRATION_EVENTS } from "@core/integrations-state";
import type { Logger } from "@core/registry";
import type { EnqueueReceipt, FollowUps, Task, TaskHandler, Tasks } from "@core/tasks";
import { z } from "zod";
import { createdEvent, createdEventId, endEvent } from "./task-event.ts";
import { isWanted } from "./wanted-events.ts";

/** The type of the tasks that tell of other tasks' ends. */
export const EVENT_TASK_TYPE = "integration_event";

export interface TaskEventsOptions {
  readonly store: Pick<IntegrationsParts["store"], "read">;
  readonly logger: Logger;
}

/**
 * The event of each task's end as a task of its own, stored in the transaction of that end: a crash loses none. Where
 * nobody listens there is none.
 */
export function eventsOfEnds(options: TaskEventsOptions): FollowUps {
  return async (task, end) => {
    if (task.type === EVENT_TASK_TYPE) return [];
    const { event, data } = endEvent(task, end);
    if (!(await isWanted(event, options))) return [];
    const title = `Tell of ${event} of task ${task.id}`;
    return [
      { type: EVENT_TASK_TYPE, reason: "callback", title, payload: { event, data }, dispatch_type: "none" },
    ];
  };
}

/** Tells of the end that its task was made for, and does so again until the outbox has it. */
export function eventTaskHandler(integrations: Pick<Integrations, "publish">): TaskHandler {
  return async ({ id, payload }) => {
    const { event, data } = eventPayload.parse(payload);
    // The id of the task: however often it runs, receivers see one event.
    const { webhooks, error, git } = await integrations.publish(event, data, { event_id: id });
    const failure = error ?? webhooks?.deliveries.find((delivery) => delivery.error)?.error;
    if (failure) throw new Error(`${event} was not told to all webhooks: ${failure.message}`);
    return { event, queued: webhooks?.sent ?? 0, git: git.status };
  };
}

const eventPayload = z.object({
  event: z.enum(INTEGRATION_EVENTS),
  data: z.record(z.string(), z.json()),
});

export interface CreatedEventsOptions extends TaskEventsOptions {
  readonly integrations: Pick<Integrations, "emitWebhookEvent" | "autoCommit">;
}

/** Tells that tasks were created: when they are, and once more before they run, for those that a crash kept from it. */
export interface CreatedEvents {
  /** The same queue, which tells of what is made through it. */
  telling(tasks: Tasks): Tasks;
  /** The same handler, which begins when the outbox has the event. */
  before(handler: TaskHandler): TaskHandler;
}

export function createCreatedEvents({ integrations, ...options }: CreatedEventsOptions): CreatedEvents {
  const { logger } = options;
  return {
    telling: (tasks) => ({
      ...tasks,
      async enqueue(input, own = {}) {
        const receipt = await tasks.enqueue(input, own);
        if (isStored(own)) void tellOfNew([receipt]);
        return receipt;
      },
      async enqueueMany(inputs, own = {}) {
        const receipts = await tasks.enqueueMany(inputs, own);
        if (isStored(own)) void tellOfNew(receipts);
        return receipts;
      },
    }),
    before: (handler) => async (task, context) => {
      if (await isWanted("task.created", options)) await tell(task);
      return handler(task, context);
    },
  };

  /** Never rejects: nothing that is told may hurt the task. */
  async function tellOfNew(receipts: readonly EnqueueReceipt[]): Promise<void> {
    const created = receipts.flatMap((receipt) => (receipt.created ? [receipt.task] : []));
    const last = created.at(-1);
    if (last === undefined || !(await isWanted("task.created", options))) return;
    for (const task of created) await tell(task);
    // One commit holds all of the changes there are.
    const { event, data } = createdEvent(last);
    await integrations.autoCommit(event, data);
  }

  async function tell(task: Task): Promise<void> {
    const { event, data } = createdEvent(task);
    try {
      await integrations.emitWebhookEvent(event, data, { event_id: createdEventId(task) });
    } catch (error) {
      logger.warn({ err: error, task_id: task.id }, "Webhooks were not told that the task was created.");
    }
  }
}

/** Within somebody's transaction it is not known yet; then it is told before the task runs. */
function isStored(own: { readonly trx?: unknown; readonly client?: unknown }): boolean {
  return own.trx === undefined && own.client === undefined;
}
