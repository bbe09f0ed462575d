import { randomUUID } from "node:crypto";
import type { Database } from "@core/database";
import { openDatabase } from "@core/database";
import { createDispatcherRegistry } from "@core/registry";
import { createTasks, tasksMigrations } from "@core/tasks";
import { sql } from "kysely";
import type { Arrival } from "./delivery-receiver.ts";
import { startDeliveryReceiver } from "./delivery-receiver.ts";
import { tortureDeclaration, TORTURE_TYPE } from "./delivery-targets.ts";
import { comesTrue } from "./patiently.ts";
import { seededRandom } from "./random.ts";
import type { Report } from "./trial.ts";
import { comeToRest } from "./trial.ts";
import { startWorkerChild } from "./worker-child.ts";
import type { WorkerChild } from "./worker-child.ts";
import type { Timing } from "./worker-plan.ts";

export interface DeliveriesOptions {
  readonly url: string;
  readonly deliveries: number;
  readonly kills: number;
  readonly timing: Timing;
  readonly onProgress?: (line: string) => void;
}

const LINES = 20;
const LONGEST_ANSWER_MS = 60;
/** What a worker with sixteen places may have sent and not stored at most. */
const IN_FLIGHT = 64;

/**
 * Kills a process that delivers with -9, again and again, all over the work; every other life has the name of the one
 * before. Half of the deliveries stand in lines. Each has to arrive, under the id it was given, in the order of its line,
 * and to be stored as delivered; more often than once only for what was in hand at a kill.
 */
export async function runDeliveries(options: DeliveriesOptions): Promise<Report> {
  const { url, deliveries, kills, onProgress = () => undefined } = options;
  const random = seededRandom(1);
  const receiver = await startDeliveryReceiver(() => random() * LONGEST_ANSWER_MS);
  const database = await openDatabase({ url, poolSize: 2 });
  const ids = await fill(database, deliveries);
  let life = startLife(options, receiver.url, 0, randomUUID());
  try {
    for (let count = 1; count <= kills; count += 1) {
      const enough = (deliveries * count) / (kills + 1);
      await life.ready;
      const isThere = await comesTrue(async () => receiver.arrivals.length >= enough || life.hasEnded());
      const surprise = life.surprise() ?? (isThere ? null : "nothing is delivered any more");
      if (surprise !== null) return { counts: { kills: count - 1 }, faults: [surprise] };
      await life.kill();
      onProgress(`${count} kills, ${receiver.arrivals.length} arrivals`);
      life = startLife(options, receiver.url, count, count % 2 === 0 ? randomUUID() : life.workerId);
    }
    await comeToRest(() => progressOf(database), onProgress);
    await life.stop();
    return judge(ids, receiver.arrivals, await statesOf(database), kills);
  } finally {
    if (!life.hasEnded()) await life.kill();
    await database.close();
    await receiver.close();
  }
}

/** The ids of what was stored. */
async function fill(database: Database, count: number): Promise<ReadonlySet<string>> {
  await database.migrate([tasksMigrations()]);
  const dispatchers = createDispatcherRegistry();
  dispatchers.declare(TORTURE_TYPE, tortureDeclaration, { owner: "torture" });
  const tasks = createTasks({ database, dispatchers });
  const targets = Array.from({ length: count }, (_, n) => ({
    dispatch_type: TORTURE_TYPE,
    target: { line: n % 2 === 0 ? `line-${n % LINES}` : null, place: n },
  }));
  const message = { kind: "message", source_id: "torture", payload: { text: "hi" } } as const;
  const receipts = await tasks.deliveries.sendMany(message, targets);
  return new Set(receipts.map(({ delivery }) => delivery.id));
}

function startLife(
  { url, timing }: DeliveriesOptions,
  receiver: string,
  life: number,
  workerId: string,
): WorkerChild {
  return startWorkerChild({ app: `life ${life}`, workerId, timing, url, receiver });
}

async function progressOf(database: Database): Promise<{ readonly open: number; readonly steps: number }> {
  const { rows } = await sql<{ open: number; steps: number }>`select
    count(*) filter (where state not in ('delivered', 'dead')) as open, coalesce(sum(fence), 0)::int
      + count(*) filter (where state = 'delivered') as steps from tasks.delivery`.execute(database.kysely);
  return rows[0] ?? { open: 0, steps: 0 };
}

async function statesOf(database: Database): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<{ state: string; count: number }>`
    select state, count(*) as count from tasks.delivery group by state`.execute(database.kysely);
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

function judge(
  ids: ReadonlySet<string>,
  arrivals: readonly Arrival[],
  states: Readonly<Record<string, number>>,
  kills: number,
): Report {
  const seen = new Set(arrivals.map(({ id }) => id));
  const duplicates = arrivals.length - seen.size;
  const { delivered = 0, dead = 0 } = states;
  const rules: readonly (readonly [boolean, string])[] = [
    [delivered + dead === ids.size, `of ${ids.size} deliveries not all ended: ${JSON.stringify(states)}`],
    [seen.size >= delivered, `${delivered} count as delivered, and ${seen.size} have arrived`],
    [[...seen].every((id) => ids.has(id)), "something arrived under an id that nobody was given"],
    [duplicates <= kills * IN_FLIGHT, `${duplicates} came twice, with ${kills} kills`],
  ];
  const faults = rules.flatMap(([isKept, fault]) => (isKept ? [] : fault));
  return {
    counts: { kills, deliveries: ids.size, ...states, duplicates },
    faults: [...faults, ...overtaken(arrivals)],
  };
}

function overtaken(arrivals: readonly Arrival[]): readonly string[] {
  const last = new Map<string, number>();
  return arrivals.flatMap(({ line, place }) => {
    if (line === null) return [];
    const before = last.get(line) ?? -1;
    last.set(line, Math.max(before, place));
    return place < before ? `${line}: ${place} came after ${before}` : [];
  });
}
