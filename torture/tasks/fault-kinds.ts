import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import type { Fault, FaultKind } from "./fault-deck.ts";
import type { Fleet } from "./fleet.ts";
import { comesTrue, patiently } from "./patiently.ts";
import type { RestartDatabase } from "./server.ts";
import type { TaskQueue } from "./task-queue.ts";
import type { WorkerChild } from "./worker-child.ts";

/** Where a fault happens: one place of the fleet, and what stands around it. */
export interface FaultPlace {
  readonly queue: TaskQueue;
  readonly fleet: Fleet;
  readonly place: number;
  readonly heartbeatMs: number;
  readonly deadAfterMs: number;
  readonly restart: RestartDatabase | undefined;
}

const GRACE_MS = 200;

/** Does the fault to the worker at a place and waits until a worker is at work there again. @throws when none is */
export async function injectFault(fault: Fault, at: FaultPlace): Promise<void> {
  await actions[fault.kind](fault, at, at.fleet.at(at.place));
}

const actions: Readonly<
  Record<FaultKind, (fault: Fault, at: FaultPlace, child: WorkerChild) => Promise<void>>
> = {
  async kill(fault, at, child) {
    await child.kill();
    await startNext(fault, at, child);
  },
  async pause({ extent }, at, child) {
    child.signal("SIGSTOP");
    await sleep(at.deadAfterMs * (1.02 + extent));
    child.signal("SIGCONT");
    await beats(at, child);
  },
  async drop(_, at, child) {
    const ofChild = sql`application_name = ${child.app} or application_name like ${`${child.app} %`}`;
    await patiently(() =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity where ${ofChild}`.execute(
        at.queue.database.kysely,
      ),
    );
    await beats(at, child);
  },
  async restart({ extent }, at, child) {
    if (at.restart === undefined) throw new Error("The database is not ours to restart.");
    await at.restart(extent * 1.5 * at.deadAfterMs);
    await beats(at, child);
  },
  async skew({ extent }, at, child) {
    // From a second to eleven days, forward or back.
    child.skew((extent < 0.5 ? -1 : 1) * 1_000 * 10 ** (6 * Math.abs(2 * extent - 1)));
    await sleep(at.heartbeatMs);
    await beats(at, child);
  },
  async stop(fault, at, child) {
    await child.stop(GRACE_MS);
    await startNext(fault, at, child);
  },
  async twin(_, at, child) {
    await at.fleet.start({ place: at.place, workerId: child.workerId });
    await sleep(at.heartbeatMs);
    await child.stop(GRACE_MS);
  },
};

/** Another worker in the place: under the same id it takes over at once, under a new one after the silence. */
async function startNext(
  { sameId }: Fault,
  { fleet, place }: FaultPlace,
  former: WorkerChild,
): Promise<void> {
  await fleet.start({ place, ...(sameId && { workerId: former.workerId }) });
}

/** Waits until the worker's heart beats again. */
async function beats({ queue: { database } }: FaultPlace, { app, workerId }: WorkerChild): Promise<void> {
  const now = sql<{ at: Date }>`select clock_timestamp() as at`;
  const since = (await patiently(() => now.execute(database.kysely))).rows[0]?.at ?? null;
  const beat = sql`select 1 from torture.heart h join tasks.worker w on w.id = h.worker_id
    where w.id = ${workerId} and h.beat_at > ${since} and w.alive_until > clock_timestamp()`;
  const isBack = await comesTrue(async () => (await beat.execute(database.kysely)).rows.length > 0);
  if (!isBack) throw new Error(`The heart of ${app} has not beaten again within a minute.`);
}
