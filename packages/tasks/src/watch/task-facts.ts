import type { ClaimedTask } from "../task/claimed-task.ts";
import type { Settled, TaskEnd } from "../task/task-end.ts";
import type { NewTask, StoredTasks } from "../task/task-row.ts";
import { isKeyed } from "../task/task-row.ts";
import type { EnqueueReceipt } from "../task/task.ts";
import type { AboutTask, TaskFact, TaskLogLine, TaskProgress } from "./task-event.ts";

/** Tasks that were stored, and those of them that were cancelled at once because a limit is full. */
export function madeFacts(receipts: readonly EnqueueReceipt[]): readonly TaskFact[] {
  return receipts.flatMap(({ task, created }) => {
    if (!created) return [];
    const about = { task_id: task.id, task_type: task.type, queue: task.queue, lane: task.lane };
    const made = { ...about, at: task.created_at, attempt: 0, run: 0, run_at: task.run_at };
    return task.state === "cancelled" ? [createdFact(made), skippedFact(made)] : [createdFact(made)];
  });
}

/** The same for tasks of which only this much is known; none of them has a key, by which it may be another one. */
export function storedFacts(news: readonly NewTask[], { at, skipped }: StoredTasks): readonly TaskFact[] {
  return news.flatMap(({ id, type, queue, lane, input }) => {
    const run_at = input.scheduled_at ?? new Date(at.getTime() + (input.delay_ms ?? 0));
    const made = { task_id: id, at, task_type: type, queue, lane, attempt: 0, run: 0, run_at };
    return skipped.includes(id) ? [createdFact(made), skippedFact(made)] : [createdFact(made)];
  });
}

/** The tasks that an end has brought with it, but for those with a key, which may have been there before. */
export function broughtFacts(
  settled: Exclude<Settled, null>,
  { state, tasks = [] }: Pick<TaskEnd, "state" | "tasks">,
  at: Date,
): readonly TaskFact[] {
  if (settled !== state) return [];
  const fresh = tasks.filter((task) => !isKeyed(task));
  return storedFacts(fresh, { at, skipped: [] });
}

export function startedFact(claimed: ClaimedTask, now: Date): TaskFact {
  return {
    ...aboutRun(claimed, claimed.task.started_at ?? now),
    type: "task.started",
    state: "running",
  };
}

export function saidFact(claimed: ClaimedTask, said: TaskProgress | TaskLogLine): TaskFact {
  const about = { ...aboutRun(claimed, new Date(said.at)), state: "running" as const };
  return "fraction" in said
    ? { ...about, type: "task.progress", progress: said }
    : { ...about, type: "task.log", line: said };
}

/** How a task stands after a run. */
export function settledFact(
  claimed: ClaimedTask,
  settled: Exclude<Settled, null>,
  end: Pick<TaskEnd, "delay_ms" | "failure_code" | "uncounted">,
  now: Date,
): TaskFact {
  const about = aboutRun(claimed, now);
  switch (settled) {
    case "complete":
      return { ...about, type: "task.completed", state: "complete" };
    case "cancelled":
      return { ...about, type: "task.cancelled", state: "cancelled" };
    case "failed":
      return {
        ...about,
        type: "task.failed",
        state: "failed",
        failure_code: end.failure_code ?? "non_retryable",
      };
    case "waiting":
      return {
        ...about,
        attempt: about.attempt - (end.uncounted ?? 0),
        type: "task.waiting",
        state: "waiting",
      };
    case "pending": {
      const attempt = about.attempt - (end.uncounted ?? 0);
      const run_at = new Date(now.getTime() + (end.delay_ms ?? 0));
      return { ...about, attempt, type: "task.retrying", state: "pending", run_at };
    }
  }
}

type Made = AboutTask & { readonly run_at: Date };

function createdFact(made: Made): TaskFact {
  return { ...made, type: "task.created", state: "pending" };
}

function skippedFact({ run_at: _runAt, ...about }: Made): TaskFact {
  return { ...about, type: "task.cancelled", state: "cancelled" };
}

function aboutRun({ task, lease }: ClaimedTask, at: Date): AboutTask {
  return {
    task_id: task.id,
    at,
    task_type: task.type,
    queue: task.queue,
    lane: task.lane,
    attempt: task.attempt,
    run: lease.fence,
  };
}
