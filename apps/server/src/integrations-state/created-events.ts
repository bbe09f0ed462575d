import type { Integrations } from "@core/integrations-state";
import type { EnqueueReceipt, Task, TaskHandler, Tasks } from "@core/tasks";
import { createdEvent, createdEventId } from "./task-event.ts";
import type { WantedEventsOptions } from "./wanted-events.ts";
import { readWantedEvents } from "./wanted-events.ts";

export interface CreatedEventsOptions extends WantedEventsOptions {
  readonly integrations: Pick<Integrations, "emitWebhookEvent" | "autoCommit">;
}

/** Tells that tasks were created: when they are, and again before they run, for those that a crash kept from it. */
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
      if (await isWanted()) await tell(task);
      return handler(task, context);
    },
  };

  async function isWanted(): Promise<boolean> {
    const wants = await readWantedEvents(options);
    return wants("task.created");
  }

  /** Never rejects: nothing that is told may hurt the task. */
  async function tellOfNew(receipts: readonly EnqueueReceipt[]): Promise<void> {
    const created = receipts.flatMap((receipt) => (receipt.created ? [receipt.task] : []));
    const last = created.at(-1);
    if (last === undefined || !(await isWanted())) return;
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
