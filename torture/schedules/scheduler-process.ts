// A scheduler in a process of its own, on the database that its first argument names, until it is told to stop.
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@core/database";
import { createTasks } from "@core/tasks";
import { patiently } from "../tasks/patiently.ts";

const BETWEEN_LOOKS_MS = 5;

// A child never outlives its parent.
process.once("disconnect", () => process.exit(1));
await run(process.argv[2] ?? "");

/** It looks again and again, since nobody tells it when the simulated time has gone on. */
async function run(url: string): Promise<void> {
  const database = await patiently(() => openDatabase({ url, poolSize: 2, applicationName: "scheduler" }));
  const worker = createTasks({ database }).createWorker({ handlers: {}, deliveryConcurrency: 0 });
  let isToStop = false;
  process.once("message", () => (isToStop = true));
  process.send?.("ready");
  while (!isToStop) {
    await patiently(() => worker.tick());
    await sleep(BETWEEN_LOOKS_MS);
  }
  await worker.stop();
  await database.close();
  process.exit(0);
}
