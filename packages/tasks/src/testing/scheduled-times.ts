import type { Tasks } from "../tasks.ts";

/** Lets a worker fire the schedules that are due. */
export async function fireSchedules(tasks: Tasks): Promise<void> {
  const worker = tasks.createWorker({ handlers: {} });
  await worker.tick();
  await worker.stop();
}

/** The occurrences that have tasks, the earliest first, as `01-31 08:00:00`. */
export async function scheduledTimes(tasks: Tasks): Promise<readonly string[]> {
  const { items } = await tasks.list({ limit: 200 });
  return items
    .flatMap(({ scheduled_at: at }) => at?.toISOString().slice(5, 19).replace("T", " ") ?? [])
    .toSorted();
}
