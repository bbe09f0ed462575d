import { prepared } from "@core/database";
import type { WorkerIdentity } from "../lease/lease.ts";
import type { Store } from "../store/store.ts";
import type { ClaimedRow, ClaimedTask } from "./claimed-task.ts";
import { claimedTask } from "./claimed-task.ts";
import type { Settled, TaskEnd } from "./task-end.ts";
import { endAsRow } from "./task-end.ts";
import type { NewTask, StoredTasks } from "./task-row.ts";
import { rowOf } from "./task-row.ts";

/** What a worker tells and asks in one call. */
export interface ExchangeRequest {
  readonly worker: WorkerIdentity;
  /** To be stored before it claims; without lanes and keys. */
  readonly news?: readonly NewTask[];
  readonly ends?: readonly EndedTask[];
  readonly claim?: TaskClaim;
  /** Give tasks whose planned time has come their turn. */
  readonly wake?: boolean;
  /** Wait a moment for the lanes of the ends, rather than leave out those that somebody has locked. */
  readonly isPatient?: boolean;
}

export interface EndedTask {
  readonly end: TaskEnd;
  readonly lane: string | null;
  readonly parent: string | null;
}

/** One whose task is in a worker's hand. */
export interface ClaimedEnd extends EndedTask {
  readonly claimed: ClaimedTask;
}

export function claimedEnd(claimed: ClaimedTask, end: TaskEnd): ClaimedEnd {
  const { lane, parent_task_id: parent } = claimed.task;
  return { claimed, end, lane, parent };
}

/** The lanes that must be free for it to be stored: the task's own and those of the tasks that it brings. */
function lanesOfEnd({ end, lane }: EndedTask): readonly string[] {
  if (end.tasks === undefined) return lane === null ? NONE : [lane];
  return [lane, ...end.tasks.map((task) => task.lane)].filter((one) => one !== null);
}

const NONE: readonly string[] = [];

export interface TaskClaim {
  readonly queues: readonly string[];
  readonly types: readonly string[];
  readonly limit: number;
  /** By queue: nothing that lies before it is looked for, but for what is more urgent. */
  readonly floors?: readonly (ClaimFloor | null)[];
}

/** A place in the order of claims. */
export interface ClaimFloor {
  readonly priority: number;
  readonly readyAt: Date;
}

export interface Exchange {
  /** What became of the new tasks; null: there were none. */
  readonly stored: StoredTasks | null;
  readonly claimed: readonly ClaimedTask[];
  /** What each end that was told has come to, by task; one that is missing is in a lane that somebody has locked. */
  readonly settled: ReadonlyMap<string, Settled>;
  /** In how many milliseconds the next planned task is due, if planned ones were woken and more are waiting. */
  readonly nextInMs: number | null;
}

type Row = ClaimedRow & {
  readonly stored_at: Date | null;
  readonly skipped: readonly string[] | null;
  readonly free_lanes: readonly string[] | null;
  readonly lost: readonly string[] | null;
  readonly cancelled: readonly string[] | null;
  readonly next_in_ms: number | null;
};

/**
 * Stores new tasks and ends of runs and claims tasks, in one statement and one transaction. Claims go by priority, then by when
 * tasks became ready; each task is for one worker only.
 */
export async function exchange(store: Store, request: ExchangeRequest): Promise<Exchange> {
  const { worker, news = [], ends = [], claim, wake = false, isPatient = false } = request;
  const text = prepared(`select * from ${store.name("work_1")}(
    $1, $2::bigint, $3::text::json, $4::text[], $5::text[], $6::text[], $7::text[], $8::int, $9::timestamptz[],
    $10::smallint[], $11::boolean, $12::int, $13::text::json, $14::uuid[])`);
  const [head, ...rows] = await store.run<Row>(text, [
    worker.id,
    worker.epoch,
    ends.length === 0 ? null : JSON.stringify(inOrderOfLocks(ends).map(endAsRow)),
    namesOf(ends.flatMap(lanesOfEnd)),
    namesOf(ends.flatMap(lineOfEnd)),
    claim?.queues ?? [],
    claim?.types ?? [],
    claim?.limit ?? 0,
    claim?.floors?.map((floor) => floor?.readyAt ?? null) ?? [],
    claim?.floors?.map((floor) => (floor === null ? null : -floor.priority)) ?? [],
    wake,
    isPatient ? PATIENCE_MS : null,
    news.length === 0 ? null : JSON.stringify(news.map(rowOf)),
    namesOf(ends.flatMap(familiesOfEnd)),
  ]);
  return {
    stored: head?.stored_at ? { at: head.stored_at, skipped: head.skipped ?? [] } : null,
    claimed: rows.map((row) => claimedTask(row, worker)),
    settled: settledOf(ends, head),
    nextInMs: nextInMs(head?.next_in_ms ?? null),
  };
}

/** Longer than most transactions that enqueue into a lane. */
const PATIENCE_MS = 1_000;

/** What is past and was not woken is in a lane that somebody has locked for the moment. */
function nextInMs(ms: number | null): number | null {
  return ms !== null && ms < 0 ? STILL_LOCKED_MS : ms;
}

const STILL_LOCKED_MS = 10;

function lineOfEnd({ end }: EndedTask): readonly string[] {
  const line = end.delivery?.["order_key"];
  return typeof line === "string" ? [line] : NONE;
}

/** Its parent, which may wait for it, and the task itself if it waits for its children. */
function familiesOfEnd({ end, parent }: EndedTask): readonly string[] {
  if (parent === null && end.state !== "waiting") return NONE;
  return [...(parent === null ? NONE : [parent]), ...(end.state === "waiting" ? [end.id] : NONE)];
}

/** Whoever locks several tasks does it in this order, so that nobody waits for each other. */
function inOrderOfLocks(ends: readonly EndedTask[]): readonly EndedTask[] {
  return ends.toSorted((a, b) => (a.end.id < b.end.id ? 1 : -1));
}

function settledOf(ends: readonly EndedTask[], head: Row | undefined): ReadonlyMap<string, Settled> {
  const free = new Set(head?.free_lanes ?? []);
  const written = ends.filter((ended) => lanesOfEnd(ended).every((lane) => free.has(lane)));
  const settled = new Map<string, Settled>(written.map(({ end }) => [end.id, end.state]));
  for (const id of head?.lost ?? []) settled.set(id, null);
  for (const id of head?.cancelled ?? []) settled.set(id, "cancelled");
  return settled;
}

/** Those that occur, or null so that nothing is looked for. */
function namesOf(names: readonly string[]): readonly string[] | null {
  return names.length === 0 ? null : [...new Set(names)];
}
