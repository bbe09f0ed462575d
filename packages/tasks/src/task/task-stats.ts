import { sql } from "kysely";
import type { DeliveryState } from "../delivery/delivery-record.ts";
import type { SqlRunner } from "../store/sql-runner.ts";
import { kyselyRunner } from "../store/sql-runner.ts";
import type { Store, TasksDb } from "../store/store.ts";

/** What a queue looks like at one moment. */
export interface QueueStats {
  /** By the database's clock. */
  readonly at: Date;
  /** One entry per queue and type in which something lives or has ended within the last hour. */
  readonly tasks: readonly TaskTypeStats[];
  readonly deliveries: Readonly<Record<LiveDeliveryState, number>>;
  /** Those that live, and those of the last week that do not. */
  readonly workers: readonly WorkerRecord[];
}

/** Those that have not reached a good end; a dead one waits for a person. */
export type LiveDeliveryState = Exclude<DeliveryState, "delivered" | "skipped">;

/** Live tasks of one queue and type. */
export interface QueueDepth {
  readonly queue: string;
  readonly type: string;
  /** All that have not begun: the next four together. */
  readonly pending: number;
  /** Nothing but a worker is missing. */
  readonly due: number;
  readonly planned: number;
  readonly in_lane: number;
  /** They start as their limits allow. */
  readonly limited: number;
  readonly running: number;
  readonly waiting: number;
  /** How long the oldest due one has been due; null: none is. */
  readonly oldest_due_ms: number | null;
}

export interface TaskTypeStats extends QueueDepth {
  readonly ended_last_hour: EndedCounts;
}

export interface EndedCounts {
  readonly complete: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface WorkerRecord {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly alive: boolean;
  readonly started_at: Date;
  readonly task_types: readonly string[];
  readonly dispatch_types: readonly string[];
  /** Tasks that it has claimed and not ended. */
  readonly running: number;
}

/** Everything as it was at one moment. */
export async function readStats(store: Store): Promise<QueueStats> {
  return store.snapshot(async (trx) => {
    const run = kyselyRunner(trx);
    const [clock] = await run<{ at: Date }>("select clock_timestamp() as at", []);
    return {
      at: clock?.at ?? new Date(),
      tasks: withEnds(await depthOf(store, run), await endsOf(store, run)),
      deliveries: await deliveriesOf(store, run),
      workers: await workersOf(store, trx),
    };
  });
}

/** Live tasks alone. */
export function readDepth(store: Store): Promise<readonly QueueDepth[]> {
  return depthOf(store, store.run);
}

async function depthOf(store: Store, run: SqlRunner): Promise<readonly QueueDepth[]> {
  const text = `select *, due + planned + in_lane + limited as pending from ${store.name("queue_depth_1")}()`;
  const rows = await run<QueueDepth>(text, []);
  return rows.map(({ queue, type, pending, ...more }) => ({ queue, type, pending, ...more }));
}

interface EndedRow {
  readonly queue: string;
  readonly type: string;
  readonly state: keyof EndedCounts;
  readonly n: number;
}

const AN_HOUR_MS = 60 * 60_000;

function endsOf(store: Store, run: SqlRunner): Promise<readonly EndedRow[]> {
  return run<EndedRow>(`select * from ${store.name("ended_since_1")}($1::float8)`, [AN_HOUR_MS]);
}

const nothingLives = { pending: 0, due: 0, planned: 0, in_lane: 0, limited: 0, running: 0, waiting: 0 };
const nothingEnded: EndedCounts = { complete: 0, failed: 0, cancelled: 0 };

function withEnds(live: readonly QueueDepth[], ended: readonly EndedRow[]): readonly TaskTypeStats[] {
  const stats = new Map<string, TaskTypeStats>();
  const keyOf = ({ queue, type }: Pick<QueueDepth, "queue" | "type">): string =>
    JSON.stringify([queue, type]);
  for (const one of live) stats.set(keyOf(one), { ...one, ended_last_hour: nothingEnded });
  for (const { queue, type, state, n } of ended) {
    const key = keyOf({ queue, type });
    const empty = { queue, type, ...nothingLives, oldest_due_ms: null, ended_last_hour: nothingEnded };
    const known = stats.get(key) ?? empty;
    stats.set(key, { ...known, ended_last_hour: { ...known.ended_last_hour, [state]: n } });
  }
  return [...stats.values()].toSorted((a, b) => order(a.queue, b.queue) || order(a.type, b.type));
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

async function deliveriesOf(store: Store, run: SqlRunner): Promise<QueueStats["deliveries"]> {
  const rows = await run<{ state: LiveDeliveryState; n: number }>(
    `select * from ${store.name("delivery_depth_1")}()`,
    [],
  );
  const none = { pending: 0, open: 0, sending: 0, held: 0, parked: 0, dead: 0 };
  return { ...none, ...Object.fromEntries(rows.map(({ state, n }) => [state, n])) };
}

async function workersOf(store: Store, trx: TasksDb): Promise<readonly WorkerRecord[]> {
  const { rows } = await sql<WorkerRecord>`
    select w.id, w.host, w.pid, w.alive_until > clock_timestamp() as alive, w.started_at, w.task_types,
      w.dispatch_types, coalesce(l.running, 0)::float8 as running
    from ${store.table("worker")} w
    left join ${sql.id(store.schema, "worker_load_1")}() l on l.worker_id = w.id
    order by w.started_at, w.id`.execute(trx);
  return rows;
}
