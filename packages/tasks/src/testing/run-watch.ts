import { setTimeout as pause } from "node:timers/promises";
import type { TaskHandler } from "../task/task-run.ts";
import type { Task } from "../task/task.ts";

/** Sees which tasks run at the same time, whatever workers run them. */
export interface RunWatch {
  readonly handler: TaskHandler;
  /** The most that ran at once, by `type:…`, `queue:…` and `key:…`. */
  most(name: string): number;
  /** In the order in which they were started. */
  readonly started: readonly Task[];
}

/** Handlers take a moment, some longer than others, so that they overlap. */
export function createRunWatch(): RunWatch {
  const running = new Map<string, number>();
  const most = new Map<string, number>();
  const started: Task[] = [];

  return {
    async handler(task) {
      started.push(task);
      count(task, 1);
      await pause(started.length % 4);
      count(task, -1);
    },
    most: (name) => most.get(name) ?? 0,
    started,
  };

  function count(task: Task, by: 1 | -1): void {
    for (const name of namesOf(task)) {
      const now = (running.get(name) ?? 0) + by;
      running.set(name, now);
      most.set(name, Math.max(most.get(name) ?? 0, now));
    }
  }
}

function namesOf({ type, queue, limit_key: key }: Task): readonly string[] {
  return [`type:${type}`, `queue:${queue}`, ...(key === null ? [] : [`key:${key}`])];
}
