import type { TaskInput } from "@core/tasks";

/** What the handlers of the suite know. `pressing` has one attempt only. */
export type WorkType = "work" | "long" | "flaky" | "refused" | "pressing";

/** Work that takes so long; with a lane it runs in its turn. */
export function workFor(ms: number, lane?: string): TaskInput {
  return input("work", ms, lane === undefined ? {} : { lane });
}

/** The `n`-th task of a steady mixture: short, long, in lanes, and such as fail for a while or for good. */
export function mixedTask(n: number, random: () => number): TaskInput {
  const ms = Math.round(5 + 95 * random());
  const place = n % 20;
  if (place < 9) return workFor(ms);
  if (place < 13) return workFor(ms / 4, `lane-${n % 7}`);
  if (place < 17) return input("long", 300 + 1_200 * random());
  if (place === 17) return input("flaky", ms);
  if (place === 18) return input("refused", ms);
  return input("pressing", 2 * ms, { max_attempts: 1 });
}

function input(type: WorkType, ms: number, more: Partial<TaskInput> = {}): TaskInput {
  return { type, payload: { ms: Math.round(ms) }, max_attempts: 100, ...more };
}
