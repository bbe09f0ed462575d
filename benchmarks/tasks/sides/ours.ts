import { openDatabase } from "@core/database";
import { createTasks, tasksMigrations, type TaskInput } from "@core/tasks";
import { sql } from "kysely";
import type { Job, Place, QueueSide, SideDefinition } from "./queue-side.ts";

/** @core/tasks with nothing set but the number of slots. */
export const ours: SideDefinition = {
  title: "@core/tasks",
  role: "ours",
  describe: () => "its defaults, and concurrency 24; results are kept, ends are fenced",
  open,
};

const TYPE = "bench";

async function open(place: Place): Promise<QueueSide> {
  const database = await openDatabase(place);
  await database.migrate([tasksMigrations()]);
  const tasks = createTasks({ database });
  return {
    enqueueOne: (job) => tasks.enqueue(inputOf(job)),
    enqueueMany: (jobs) => tasks.enqueueMany(jobs.map(inputOf)),
    async work(handler, slots) {
      const handlers = { [TYPE]: async ({ payload }: { payload: unknown }) => handler(payload as Job) };
      const worker = tasks.createWorker({ handlers, concurrency: slots });
      await worker.start();
      return () => worker.stop();
    },
    async isWriting() {
      const running = sql<{ some: boolean }>`select exists (
        select from tasks.task where state = 'running') as some`;
      return (await running.execute(database.kysely)).rows[0]?.some === true;
    },
    async unfinished() {
      const left = sql<{ count: string | number }>`select count(*) from tasks.task
        where state not in ('complete', 'failed', 'cancelled')`;
      return Number((await left.execute(database.kysely)).rows[0]?.count);
    },
    close: () => database.close(),
  };
}

function inputOf({ n, lane }: Job): TaskInput {
  return lane === undefined ? { type: TYPE, payload: { n } } : { type: TYPE, payload: { n, lane }, lane };
}
