import type { Clock } from "@core/registry";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { ClaimFloor } from "../task/exchange.ts";

/** Where the next claim of each queue may begin, because all before it has been claimed. */
export interface ClaimFloors {
  /** By queue; now and then none, for what was committed late. With many to claim, they lie close behind the last one. */
  next(isBacklogged: boolean): readonly (ClaimFloor | null)[];
  claimed(tasks: readonly ClaimedTask[]): void;
  /** Something older can be claimed again: the next look is a whole one. */
  reset(): void;
}

/**
 * What became ready in a transaction that took longer is found by the next whole look. While many wait that comes soon,
 * and each claim passes over what was claimed after its floor.
 */
const LATE_MS = 1_000;
const LATE_AMONG_MANY_MS = 50;
const WHOLE_LOOK_MS = 1_000;

export function createClaimFloors(queues: readonly string[], clock: Clock): ClaimFloors {
  const floors = new Map<string, ClaimFloor>();
  let lastWholeLook = Number.NEGATIVE_INFINITY;

  return {
    next(isBacklogged) {
      // A clock that was set back does not stop them.
      if (Math.abs(clock.now() - lastWholeLook) < WHOLE_LOOK_MS) {
        const lateMs = isBacklogged ? LATE_AMONG_MANY_MS : LATE_MS;
        return queues.map((queue) => before(floors.get(queue), lateMs));
      }
      lastWholeLook = clock.now();
      return [];
    },
    reset() {
      lastWholeLook = Number.NEGATIVE_INFINITY;
    },
    claimed(tasks) {
      const last = new Map(tasks.map((claimed) => [claimed.task.queue, claimed]));
      for (const [queue, { task, readyAt }] of last) {
        floors.set(queue, { priority: task.priority, readyAt });
      }
    },
  };
}

function before(last: ClaimFloor | undefined, ms: number): ClaimFloor | null {
  return last === undefined ? null : { ...last, readyAt: new Date(last.readyAt.getTime() - ms) };
}
