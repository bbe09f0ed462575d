// A worker in a process of its own: does what its plan (JSON, the first argument) and its parent's messages say.
import type { Database } from "@core/database";
import { openDatabase } from "@core/database";
import type { Tasks, Worker } from "@core/tasks";
import { sql } from "kysely";
import { createHandlers } from "./handlers.ts";
import { patiently } from "./patiently.ts";
import { seededRandom } from "./random.ts";
import { createRunNotes } from "./run-notes.ts";
import { shiftClock } from "./skewed-clock.ts";
import { mixedTask } from "./task-mix.ts";
import { openTasks, progressOf } from "./task-queue.ts";
import type { FromWorker, ToWorker, WorkerPlan } from "./worker-plan.ts";

const REPORT_EVERY_MS = 100;

const plan = JSON.parse(process.argv[2] ?? "") as WorkerPlan;
// A child never outlives its parent.
process.once("disconnect", () => process.exit(1));
await run(plan);

async function run({ app, workerId, concurrency, pollMs, timing, feed }: WorkerPlan): Promise<void> {
  const { database, notes } = await openDatabases(plan);
  const tasks = openTasks(database);
  const worker = tasks.createWorker({
    handlers: createHandlers(createRunNotes(notes, app)),
    ...timing,
    workerId,
    concurrency,
    pollMs,
  });
  process.on("message", (message: ToWorker) => {
    if (message.do === "skew") shiftClock(message.byMs);
    else void leave(worker, [database, notes], message.graceMs);
  });
  const held = await countRunning(database);
  await patiently(() => worker.start());
  tell({ is: "ready", held, orphans: await countOrphans(database) });
  if (feed !== undefined) await feedItself(tasks, database, feed);
}

/** The handlers' notes go over connections of their own, where there can be more than one. */
async function openDatabases({
  database: place,
  app,
}: WorkerPlan): Promise<{ database: Database; notes: Database }> {
  if ("dataDir" in place) {
    const database = await openDatabase(place);
    await sql`select set_config('application_name', ${app}, false)`.execute(database.kysely);
    return { database, notes: database };
  }
  const open = (poolSize: number, applicationName: string): Promise<Database> =>
    patiently(() => openDatabase({ ...place, poolSize, applicationName }));
  const [database, notes] = await Promise.all([open(4, app), open(3, `${app} notes`)]);
  return { database, notes };
}

async function leave(worker: Worker, databases: readonly Database[], graceMs: number): Promise<void> {
  await worker.stop({ graceMs });
  for (const database of new Set(databases)) await database.close();
  process.exit(0);
}

async function feedItself(tasks: Tasks, database: Database, count: number): Promise<void> {
  const random = seededRandom(process.pid);
  const report = async (): Promise<void> => tell({ is: "progress", ...(await progressOf(database)) });
  setInterval(() => void report(), REPORT_EVERY_MS).unref();
  for (let n = 0; n < count; n += 1) {
    const { task } = await tasks.enqueue(mixedTask(n, random));
    tell({ is: "acknowledged", id: task.id });
  }
}

async function countRunning(database: Database): Promise<number> {
  const { rows } = await patiently(() =>
    sql<{ count: number }>`select count(*) from tasks.task where state = 'running'`.execute(database.kysely),
  );
  return rows[0]?.count ?? 0;
}

async function countOrphans(database: Database): Promise<number> {
  const { rows } = await patiently(() =>
    sql<{ count: number }>`select count(*) from tasks.task t where t.state = 'running' and not exists (
      select 1 from tasks.worker w where w.id = t.worker_id and w.epoch = t.worker_epoch
        and w.alive_until > clock_timestamp())`.execute(database.kysely),
  );
  return rows[0]?.count ?? 0;
}

function tell(message: FromWorker): void {
  process.send?.(message);
}
