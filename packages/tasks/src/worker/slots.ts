import type { Lease } from "../lease/lease.ts";
import { leaseKey } from "../lease/lease.ts";

/** The work in hand of one kind, at most so many at once. */
export interface Slots {
  readonly free: number;
  readonly size: number;
  /** Starts work under a lease; `work` must not reject. Its signal is aborted by `abort` and `abortAll`. */
  start(lease: Lease, work: (signal: AbortSignal) => Promise<void>): void;
  holds(lease: Pick<Lease, "id" | "fence">): boolean;
  /** The leases of all that is in hand. */
  leases(): readonly Lease[];
  abort(lease: Pick<Lease, "id" | "fence">, reason: Error): void;
  abortAll(reason: Error): void;
  /** Resolves when nothing is in hand. */
  idle(): Promise<void>;
}

interface Holding {
  readonly lease: Lease;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

export function createSlots(limit: number, onFree: () => void): Slots {
  const held = new Map<string, Holding>();

  return {
    get free() {
      return limit - held.size;
    },
    get size() {
      return held.size;
    },
    start(lease, work) {
      const key = leaseKey(lease);
      const controller = new AbortController();
      const done = work(controller.signal).finally(() => {
        held.delete(key);
        onFree();
      });
      held.set(key, { lease, controller, done });
    },
    holds: (lease) => held.has(leaseKey(lease)),
    leases: () => [...held.values()].map(({ lease }) => lease),
    abort: (lease, reason) => held.get(leaseKey(lease))?.controller.abort(reason),
    abortAll(reason) {
      for (const { controller } of held.values()) controller.abort(reason);
    },
    async idle() {
      while (held.size > 0) await Promise.allSettled([...held.values()].map(({ done }) => done));
    },
  };
}
