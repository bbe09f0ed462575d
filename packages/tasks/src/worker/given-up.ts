import type { Lease, WorkerIdentity } from "../lease/lease.ts";
import { leaseKey } from "../lease/lease.ts";
import type { Store } from "../store/store.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import { claimedEnd, exchange } from "../task/exchange.ts";
import type { SettledListener } from "../task/task-end.ts";
import { handedBack } from "../task/task-end.ts";

/** Tasks whose handlers went on although they were told to end; they stay in the worker's hand until it counts as gone. */
export interface GivenUp {
  add(claimed: ClaimedTask): void;
  holds(lease: Pick<Lease, "id" | "fence">): boolean;
  /** Gives them back. */
  handBack(): Promise<void>;
}

export interface GivenUpOptions {
  readonly store: Store;
  readonly identity: () => WorkerIdentity;
  readonly onSettled: SettledListener;
}

export function createGivenUp({ store, identity, onSettled }: GivenUpOptions): GivenUp {
  const tasks: ClaimedTask[] = [];

  return {
    add: (claimed) => void tasks.push(claimed),
    holds: (lease) => tasks.some((one) => leaseKey(one.lease) === leaseKey(lease)),
    async handBack() {
      const ends = tasks.splice(0).map((claimed) => claimedEnd(claimed, handedBack(claimed)));
      if (ends.length === 0) return;
      const { settled } = await exchange(store, { worker: identity(), ends });
      for (const { claimed, end } of ends) onSettled(claimed, settled.get(end.id) ?? null, end);
    },
  };
}
