import { PGlite } from "@electric-sql/pglite";
import { fromPglite, PgBoss, type ConstructorOptions, type Job as BossJob, type JobResult } from "pg-boss";
import type { JobInsert, Queue, WorkOptions } from "pg-boss";
import type { Handler, Job, Place, QueueSide, SideDefinition, Use } from "./queue-side.ts";

/** pg-boss in batches, woken by NOTIFY. */
export const pgBossAtItsBest: SideDefinition = {
  title: "pg-boss",
  role: "peer",
  describe: (use) => plans[use].words,
  open: (place, use) => open(place, plans[use]),
};

/** pg-boss as it is documented, with as many workers as the others have slots. */
export const pgBossByDefault: SideDefinition = {
  title: "pg-boss, default",
  role: "peer",
  describe: () => "localConcurrency 24, nothing else set: it polls every 2 s, a job per worker at a time",
  open: (place) => open(place, defaults),
};

interface Plan {
  readonly words: string;
  readonly instance: Pick<ConstructorOptions, "useListenNotify">;
  readonly queue: Omit<Queue, "name">;
  /** What each worker does; `slots` are divided among them. */
  readonly work: WorkOptions;
}

const woken = {
  instance: { useListenNotify: true },
  queue: { notify: true },
} as const;
const eager = { burstWhenBatchFull: true, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 };
const inWords = "burstWhenBatchFull, useListenNotify and notify, polling every 0.5 s, a result per job";

const plans: Readonly<Record<Use, Plan>> = {
  throughput: {
    ...woken,
    words: `batchSize 500, localConcurrency 4, ${inWords}`,
    work: { ...eager, batchSize: 500, localConcurrency: 4 },
  },
  slots: {
    ...woken,
    words: `batchSize 500, localConcurrency 2, 12 of a batch at once, ${inWords}`,
    work: { ...eager, batchSize: 500, localConcurrency: 2 },
  },
  "pick-up": {
    ...woken,
    words: `batchSize 500, localConcurrency 1, ${inWords}`,
    work: { ...eager, batchSize: 500, localConcurrency: 1 },
  },
  lanes: {
    ...woken,
    queue: { ...woken.queue, policy: "key_strict_fifo" },
    words: `policy key_strict_fifo, batchSize 100, localConcurrency 1, ${inWords}`,
    work: { ...eager, batchSize: 100, localConcurrency: 1 },
  },
};

const defaults: Plan = { words: "", instance: {}, queue: {}, work: {} };

const QUEUE = "bench";

async function open(place: Place, plan: Plan): Promise<QueueSide> {
  const { options, closePlace } = await connect(place);
  const boss = new PgBoss({ ...options, ...plan.instance });
  boss.on("error", (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  await boss.start();
  await boss.createQueue(QUEUE, plan.queue);
  return {
    enqueueOne: ({ n, lane }) =>
      boss.send(QUEUE, { n, lane }, lane === undefined ? {} : { singletonKey: lane }),
    enqueueMany: (jobs) => boss.insert(QUEUE, jobs.map(insertOf)),
    work: (handler, slots) => work(boss, plan, handler, slots),
    // A worker holds its batch until the ends of all its jobs are committed.
    isWriting: async () => boss.getWipData().some(({ count }) => count > 0),
    async unfinished() {
      const text = `select count(*) from pgboss.job where name = '${QUEUE}' and state < 'completed'`;
      return Number((await boss.getDb().executeSql(text)).rows[0]?.count);
    },
    async close() {
      await boss.stop();
      await closePlace();
    },
  };
}

async function connect(
  place: Place,
): Promise<{ readonly options: ConstructorOptions; readonly closePlace: () => Promise<void> }> {
  if ("url" in place)
    return { options: { connectionString: place.url }, closePlace: () => Promise.resolve() };
  const pglite = await PGlite.create(place.dataDir);
  return { options: { db: fromPglite(pglite), backend: "pglite" }, closePlace: () => pglite.close() };
}

async function work(boss: PgBoss, plan: Plan, handler: Handler, slots: number): Promise<() => Promise<void>> {
  const { batchSize = 1, localConcurrency = slots } = plan.work;
  const options = { ...plan.work, localConcurrency };
  if (batchSize === 1)
    await boss.work(QUEUE, options, async ([job]: BossJob<Job>[]) => job && handler(job.data));
  else
    await boss.work(QUEUE, { ...options, perJobResults: true }, (jobs: BossJob<Job>[]) =>
      runBatch(jobs, handler, slots / localConcurrency),
    );
  return () => boss.offWork(QUEUE);
}

/** A batch is one unit to pg-boss; that no more than so many of it run at once is the handler's affair. */
async function runBatch(
  jobs: readonly BossJob<Job>[],
  handler: Handler,
  atOnce: number,
): Promise<JobResult[]> {
  const left = jobs.values();
  const results: JobResult[] = [];
  async function runOneByOne(): Promise<void> {
    for (const { id, data } of left)
      results.push({ id, status: "completed", output: (await handler(data)) as object });
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, runOneByOne));
  return results;
}

function insertOf({ n, lane }: Job): JobInsert {
  return lane === undefined ? { data: { n } } : { data: { n, lane }, singletonKey: lane };
}
