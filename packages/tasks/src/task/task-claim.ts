import { sql } from "kysely";
import type { Lease, WorkerIdentity } from "../lease/lease.ts";
import type { Store } from "../store/store.ts";
import { textArray } from "../store/store.ts";
import type { Task } from "./task.ts";
import { readTasks } from "./task-reader.ts";
import { workerLives } from "../lease/worker-row.ts";

export interface ClaimedTask {
  readonly task: Task;
  readonly lease: Lease;
}

export interface TaskClaim {
  readonly worker: WorkerIdentity;
  readonly queues: readonly string[];
  readonly types: readonly string[];
  readonly limit: number;
}

/**
 * Takes up to `limit` due tasks, highest priority first, each for one worker only. A task with a lane waits while
 * any other of its lane is under way, and for earlier ones that are due or being retried; one that is planned for
 * later holds nobody up. Claims that race for one lane are told apart by the index `task_lane_busy`: the later one
 * fails and is tried again.
 */
export async function claimTasks(store: Store, claim: TaskClaim): Promise<readonly ClaimedTask[]> {
  const { worker, queues, types, limit } = claim;
  const task = store.table("task");
  const { rows } = await sql<{ id: string; fence: number }>`
    update ${task} set
      state = 'running', attempt = attempt + 1, fence = fence + 1,
      worker_id = ${worker.id}, worker_epoch = ${worker.epoch}::bigint, started_at = clock_timestamp()
    where id = any(array(
      select t.id from ${task} t
      where t.state = 'pending' and t.run_at <= clock_timestamp()
        and t.queue = any(${textArray(queues)}) and t.type = any(${textArray(types)})
        and ${workerLives(store, worker)}
        and (t.lane is null or not exists (
          select 1 from ${task} e
          where e.lane = t.lane
            and (e.state in ('running', 'waiting')
              or (e.seq < t.seq and e.state = 'pending' and (e.attempt > 0 or e.run_at <= clock_timestamp())))))
      order by t.priority desc, t.run_at, t.seq
      limit ${limit}::int
      for update of t skip locked))
    returning id, fence`.execute(store.db);
  const fences = new Map(rows.map(({ id, fence }) => [id, fence]));
  const tasks = await readTasks(store.db, [...fences.keys()]);
  return tasks
    .toSorted((a, b) => b.priority - a.priority || a.run_at.getTime() - b.run_at.getTime())
    .map((one) => ({ task: one, lease: { id: one.id, fence: fences.get(one.id) ?? 0, worker } }));
}
