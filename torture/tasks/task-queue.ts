import type { Database } from "@core/database";
import { openDatabase } from "@core/database";
import type { TaskInput, Tasks } from "@core/tasks";
import { createTasks } from "@core/tasks";
import { sql } from "kysely";
import { evidenceMigrations } from "./evidence.ts";
import { patiently } from "./patiently.ts";

/** The parent's side: makes tasks, remembers which were acknowledged, and looks at the tables. */
export interface TaskQueue {
  readonly database: Database;
  /** What was acknowledged, in the order of making. */
  readonly ids: readonly string[];
  /** Resolves when the tasks are acknowledged, also through an outage. */
  add(inputs: readonly TaskInput[]): Promise<void>;
  /** How many are not at their end yet, and a number that grows with every step of any task. */
  progress(): Promise<Progress>;
  close(): Promise<void>;
}

export interface Progress {
  readonly open: number;
  readonly steps: number;
}

const BATCH = 500;

/** Prepares the tables of an empty database on a server. */
export async function openTaskQueue(url: string): Promise<TaskQueue> {
  const database = await openDatabase({ url, poolSize: 4, applicationName: "torture" });
  await database.migrate(evidenceMigrations());
  const tasks = openTasks(database);
  const ids: string[] = [];
  let made = 0;

  return { database, ids, add, progress: () => patiently(() => progressOf(database)), close: database.close };

  async function add(inputs: readonly TaskInput[]): Promise<void> {
    const keyed = inputs.map((input) => ({ ...input, idempotency_key: `task-${(made += 1)}` }));
    for (let from = 0; from < keyed.length; from += BATCH) {
      // The key makes it safe to ask again when the answer was lost.
      const receipts = await patiently(() => tasks.enqueueMany(keyed.slice(from, from + BATCH)));
      ids.push(...receipts.map(({ task }) => task.id));
    }
  }
}

/** The engine as every process of the suite uses it. */
export function openTasks(database: Database): Tasks {
  return createTasks({ database });
}

export async function progressOf(database: Database): Promise<Progress> {
  const { rows } = await sql<Progress>`select
    (select count(*) from tasks.task where state not in ('complete', 'failed', 'cancelled')) as open,
    (select coalesce(max(serial), 0) from torture.step) as steps`.execute(database.kysely);
  return rows[0] ?? { open: 0, steps: 0 };
}
