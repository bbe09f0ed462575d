import type { EmitReport, Integrations } from "@core/integrations-state";
import { INTEGRATION_EVENTS } from "@core/integrations-state";
import type { FollowUps, TaskHandler } from "@core/tasks";
import { z } from "zod";
import { createdEvent, createdEventId, endEvent } from "./task-event.ts";
import type { WantedEventsOptions } from "./wanted-events.ts";
import { readWantedEvents } from "./wanted-events.ts";

/** The type of the tasks that tell of other tasks' ends. */
export const EVENT_TASK_TYPE = "integration_event";

/**
 * The events of each task's end as a task of its own, stored in the transaction of that end: a crash loses none. One
 * that has failed may never have come to tell that it was created, and does so now. Where nobody listens nothing is made.
 */
export function eventsOfEnds(options: WantedEventsOptions): FollowUps {
  return async (task, end) => {
    if (task.type === EVENT_TASK_TYPE) return [];
    const ending = endEvent(task, end);
    const isWanted = await readWantedEvents(options);
    const isEndWanted = isWanted(ending.event);
    const mayBeUntold = end.state === "failed" || isEndWanted;
    const isCreationWanted = mayBeUntold && isWanted("task.created");
    if (!isEndWanted && !isCreationWanted) return [];
    const payload = {
      created: isCreationWanted ? { ...createdEvent(task), id: createdEventId(task) } : null,
      ending: isEndWanted ? { ...ending } : null,
    };
    const title = `Tell of ${ending.event} of task ${task.id}`;
    return [{ type: EVENT_TASK_TYPE, reason: "callback", title, payload, dispatch_type: "none" }];
  };
}

/** Tells of the end that its task was made for, and does so again until the outbox has it. */
export function eventTaskHandler(
  integrations: Pick<Integrations, "emitWebhookEvent" | "publish">,
): TaskHandler {
  return async ({ id, payload }) => {
    const { created, ending } = eventPayload.parse(payload);
    if (created !== null) {
      const report = await integrations.emitWebhookEvent(created.event, created.data, {
        event_id: created.id,
      });
      assertTold(created.event, report);
    }
    if (ending === null) return null;
    // The id of the task: however often it runs, receivers see one event.
    const { webhooks, error, git } = await integrations.publish(ending.event, ending.data, { event_id: id });
    if (webhooks === null) throw notTold(ending.event, error);
    assertTold(ending.event, webhooks);
    return { event: ending.event, queued: webhooks.sent, git: git.status };
  };
}

const told = z.object({ event: z.enum(INTEGRATION_EVENTS), data: z.record(z.string(), z.json()) });

const eventPayload = z.object({
  created: told.extend({ id: z.string() }).nullable(),
  ending: told.nullable(),
});

function assertTold(name: string, { deliveries }: EmitReport): void {
  const failed = deliveries.find(({ error }) => error !== null);
  if (failed !== undefined) throw notTold(name, failed.error);
}

function notTold(name: string, error: { readonly message: string } | null): Error {
  return new Error(`${name} was not told to all webhooks: ${error?.message ?? "nobody knows why"}`);
}
