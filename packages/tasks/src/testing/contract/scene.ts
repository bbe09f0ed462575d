import type { Database } from "@core/database";
import type { TaskHandler } from "../../task/task-run.ts";
import type { TaskInput } from "../../task/task.ts";
import type { Tasks } from "../../tasks.ts";
import { passTime } from "../pass-time.ts";

/** A queue of its own. */
export interface Scene {
  readonly database: Database;
  readonly schema: string;
  readonly tasks: Tasks;
}

export type Checks = Readonly<Record<string, (scene: Scene) => Promise<void>>>;

/** Runs all that is due with one worker, and stops it. */
export async function runAll({ tasks }: Scene, handler: TaskHandler, concurrency = 8): Promise<void> {
  const worker = tasks.createWorker({ handlers: { t: handler }, concurrency });
  await worker.runUntilIdle();
  await worker.stop();
}

/** Lets everything that waits for a time be due. */
export async function makeDue({ database, schema }: Scene): Promise<void> {
  await passTime(database, 24 * 60 * 60 * 1_000, { schema });
}

export async function enqueueOne({ tasks }: Scene, input: TaskInput = {}): Promise<string> {
  return (await tasks.enqueue({ type: "t", ...input })).task.id;
}
