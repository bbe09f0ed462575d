import { Logger, makeWorkerUtils, run, type AddJobsJobSpec, type TaskSpec } from "graphile-worker";
import type { Handler, Job, Place, QueueSide, SideDefinition } from "./queue-side.ts";

/** graphile-worker with its local queue and batched ends, as its page on performance recommends. */
export const graphileInBatches: SideDefinition = {
  title: "graphile-worker",
  role: "peer",
  describe: () =>
    "concurrentJobs 24, localQueue.size 500, completeJobBatchDelay 0, failJobBatchDelay 0, maxPoolSize 26, " +
    "prepared statements, no log of successes; jobs are deleted when they end, without a result",
  open: (place) => open(place, { ...batches, maxPoolSize: 26 }),
};

/** graphile-worker as it is documented, with as many slots as the others. */
export const graphileByDefault: SideDefinition = {
  title: "graphile-worker, default",
  role: "peer",
  describe: () => "concurrentJobs 24, nothing else set; no log of successes",
  open: (place) => open(place, {}),
};

const TASK = "bench";
const batches = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };

async function open(place: Place, settings: GraphileConfig.WorkerOptions): Promise<QueueSide> {
  if (!("url" in place)) throw new Error("graphile-worker runs on a Postgres server only.");
  const connection = { connectionString: place.url, logger: silentLogger() };
  const utils = await makeWorkerUtils({ preset: { worker: connection } });
  const first = <Row>(text: string): Promise<Row | undefined> =>
    utils.withPgClient(async (client) => (await client.query(text)).rows[0] as Row | undefined);
  return {
    enqueueOne: ({ n, lane }) => utils.addJob(TASK, { n, lane }, specOf(lane)),
    enqueueMany: (jobs) => utils.addJobs(jobs.map(jobSpecOf)),
    work: (handler, slots) => work(handler, { ...connection, ...settings, concurrentJobs: slots }),
    async isWriting() {
      const row = await first<{ some: boolean }>(`select exists (select from ${JOBS}) as some`);
      return row?.some === true;
    },
    async unfinished() {
      const row = await first<{ count: string }>(`select count(*) from ${JOBS}`);
      return Number(row?.count);
    },
    close: async () => utils.release(),
  };
}

/** Jobs that have ended are no longer in it. */
const JOBS = "graphile_worker._private_jobs";

async function work(handler: Handler, worker: GraphileConfig.WorkerOptions): Promise<() => Promise<void>> {
  const runner = await run({
    preset: { worker },
    noHandleSignals: true,
    parsedCronItems: [],
    taskList: { [TASK]: async (payload) => void (await handler(payload as Job)) },
  });
  return () => runner.stop();
}

function jobSpecOf({ n, lane }: Job): AddJobsJobSpec {
  return { identifier: TASK, payload: { n, lane }, ...specOf(lane) };
}

function specOf(lane: string | undefined): Pick<TaskSpec, "queueName"> {
  return lane === undefined ? {} : { queueName: lane };
}

function silentLogger(): Logger {
  return new Logger(() => () => undefined);
}
