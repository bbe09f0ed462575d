import type { Lease } from "../lease/lease.ts";
import { leaseKey } from "../lease/lease.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { AbortReason, RunOutcome, TaskRun } from "../task/task-run.ts";

/** The tasks in a worker's hand: claimed ahead, running, or with an end that is not stored yet. */
export interface TaskHoldings {
  readonly size: number;
  /** Those whose handlers run. */
  readonly running: number;
  /** Those that wait for a free place. */
  readonly ready: number;
  /** Adds claimed tasks and starts as many as there are places for. */
  add(claimed: readonly ClaimedTask[]): void;
  /** Adds tasks that are to go back as they came. */
  addUnstarted(claimed: readonly ClaimedTask[]): void;
  /** Gives back the tasks that no place was free for, or only those claimed before a moment. */
  takeReady(claimedBefore?: number): readonly ClaimedTask[];
  /** Its end is stored, or will never be. */
  release(lease: Lease): void;
  leases(): readonly Lease[];
  holds(lease: Pick<Lease, "id" | "fence">): boolean;
  abort(lease: Pick<Lease, "id" | "fence">, reason: AbortReason): void;
  abortAll(reason: AbortReason): void;
  /** Resolves when nothing is in hand. */
  idle(): Promise<void>;
}

export interface TaskHoldingsOptions {
  readonly places: number;
  /** Told for how many ms the task has waited here for its place. */
  readonly start: (claimed: ClaimedTask, waitedMs: number) => TaskRun;
  readonly onEnd: (claimed: ClaimedTask, outcome: RunOutcome, tookMs: number) => void;
  readonly now: () => number;
}

interface Held {
  readonly claimed: ClaimedTask;
  readonly claimedAt: number;
  run: TaskRun | null;
}

export function createTaskHoldings(options: TaskHoldingsOptions): TaskHoldings {
  const { places, start, onEnd, now } = options;
  const held = new Map<string, Held>();
  /** In the order in which they were claimed; taken from the front. */
  let ready: Held[] = [];
  let next = 0;
  let running = 0;
  let whenIdle: (() => void)[] = [];

  return {
    get size() {
      return held.size;
    },
    get running() {
      return running;
    },
    get ready() {
      return ready.length - next;
    },
    add(claimed) {
      const claimedAt = now();
      for (const one of claimed) {
        const holding = { claimed: one, claimedAt, run: null };
        held.set(leaseKey(one.lease), holding);
        ready.push(holding);
      }
      startReady();
    },
    addUnstarted(claimed) {
      for (const one of claimed) held.set(leaseKey(one.lease), { claimed: one, claimedAt: now(), run: null });
    },
    takeReady(claimedBefore = Number.POSITIVE_INFINITY) {
      const waiting = ready.slice(next);
      const taken = waiting.filter(({ claimedAt }) => claimedAt < claimedBefore);
      ready = waiting.filter(({ claimedAt }) => claimedAt >= claimedBefore);
      next = 0;
      return taken.map(({ claimed }) => claimed);
    },
    release(lease) {
      held.delete(leaseKey(lease));
      if (held.size > 0) return;
      for (const tell of whenIdle) tell();
      whenIdle = [];
    },
    leases: () => [...held.values()].map(({ claimed }) => claimed.lease),
    holds: (lease) => held.has(leaseKey(lease)),
    abort(lease, reason) {
      const holding = held.get(leaseKey(lease));
      if (holding !== undefined) abortOne(holding, reason);
    },
    abortAll(reason) {
      for (const holding of held.values()) abortOne(holding, reason);
    },
    idle: () => (held.size === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve))),
  };

  function startReady(): void {
    while (running < places && next < ready.length) {
      const holding = ready[next];
      next += 1;
      if (holding !== undefined) startOne(holding);
    }
    if (next === ready.length) {
      ready = [];
      next = 0;
    }
  }

  function startOne(holding: Held): void {
    const { claimed } = holding;
    const startedAt = now();
    running += 1;
    holding.run = start(claimed, startedAt - holding.claimedAt);
    void end(holding, holding.run, startedAt);
  }

  async function end({ claimed }: Held, run: TaskRun, startedAt: number): Promise<void> {
    const outcome = await run.outcome;
    running -= 1;
    onEnd(claimed, outcome, now() - startedAt);
    startReady();
  }

  /** What waits for a place is aborted before it begins. */
  function abortOne(holding: Held, reason: AbortReason): void {
    if (holding.run !== null) return holding.run.abort(reason);
    const at = ready.indexOf(holding, next);
    if (at === -1) return;
    ready.splice(at, 1);
    onEnd(holding.claimed, { kind: "aborted", reason, isGivenUp: false }, 0);
  }
}
