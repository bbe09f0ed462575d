import type { Tasks } from "../tasks.ts";

/** The payloads that a worker runs until nothing is due, in order. */
export async function ranWith(tasks: Tasks): Promise<readonly unknown[]> {
  const ran: unknown[] = [];
  const worker = tasks.createWorker({
    concurrency: 1,
    handlers: { t: async ({ payload }) => void ran.push(payload) },
  });
  await worker.runUntilIdle();
  await worker.stop();
  return ran;
}
