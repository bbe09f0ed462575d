import type { JsonValue } from "@core/registry";
import type { Lease, WorkerIdentity } from "../lease/lease.ts";
import { taskRetryPolicy } from "../retry-policy.ts";
import type { Store } from "../store/store.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { TaskClaim } from "../task/exchange.ts";
import { exchange } from "../task/exchange.ts";
import type { Settled, TaskEnd, TaskEndDeps } from "../task/task-end.ts";
import { completed, failed, handedBack } from "../task/task-end.ts";
import type { TaskFailure } from "../task/task-failure.ts";

export type SettleDeps = TaskEndDeps & { readonly store: Store };

/** Claims as a worker does, without one. */
export async function claimTasks(
  store: Store,
  { worker, ...claim }: TaskClaim & { readonly worker: WorkerIdentity },
): Promise<readonly ClaimedTask[]> {
  return (await exchange(store, { worker, claim, wake: true })).claimed;
}

export function completeTask(deps: SettleDeps, claimed: ClaimedTask, result: JsonValue): Promise<Settled> {
  return settleTask(deps.store, claimed, completed(deps, claimed, result));
}

export function failTask(deps: SettleDeps, claimed: ClaimedTask, failure: TaskFailure): Promise<Settled> {
  return settleTask(deps.store, claimed, failed(deps, claimed, failure, taskRetryPolicy));
}

export function releaseTask(store: Store, claimed: ClaimedTask, delayMs?: number): Promise<Settled> {
  return settleTask(store, claimed, handedBack(claimed, delayMs));
}

/** Stores an end as a worker does. */
export async function settleTask(
  store: Store,
  { task, lease }: { readonly task: ClaimedTask["task"]; readonly lease: Lease },
  end: TaskEnd,
): Promise<Settled> {
  const { settled } = await exchange(store, {
    worker: lease.worker,
    ends: [{ end, lane: task.lane, parent: task.parent_task_id }],
  });
  return settled.get(task.id) ?? null;
}
