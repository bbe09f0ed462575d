import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Task, TaskHandler } from "@core/tasks";
import { NonRetryable, RetryAfter } from "@core/tasks";
import type { RunNotes } from "./run-notes.ts";
import type { WorkType } from "./task-mix.ts";

const RETRY_MS = 20;
const FLAKY_RUNS = 2;

/** Handlers that work for as long as the payload says and write down that they ran. */
export function createHandlers(notes: RunNotes): Readonly<Record<WorkType, TaskHandler>> {
  return {
    // Deaf to its signal, as a blocking call is: what it gives after its lease is lost has to be refused.
    work: noted((task) => sleep(msOf(task))),
    pressing: noted((task) => sleep(msOf(task))),
    long: noted((task, signal) => sleep(msOf(task), undefined, { signal })),
    flaky: noted(async (task) => {
      await sleep(msOf(task));
      if (task.attempt < FLAKY_RUNS) throw new RetryAfter(RETRY_MS);
    }),
    refused: noted(async (task) => {
      await sleep(msOf(task));
      throw new NonRetryable("It is meant to fail.");
    }),
  };

  function noted(work: (task: Task, signal: AbortSignal) => Promise<void>): TaskHandler {
    return async (task, { signal }) => {
      const token = randomUUID();
      await notes.begin({ token, task }, signal);
      try {
        await work(task, signal);
      } finally {
        await notes.end(token, signal);
      }
      return { task: task.id, run: token };
    };
  }
}

function msOf({ payload }: Task): number {
  return (payload as { readonly ms: number }).ms;
}
