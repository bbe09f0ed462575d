import type { Clock } from "@core/registry";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { TaskHoldings } from "./task-holdings.ts";

/** Takes tasks that were claimed ahead and not begun in time from their worker, for those who have a free place. */
export interface ReadyLimit {
  /** Some may be waiting. */
  watch(): void;
  stop(): void;
}

const READY_LIMIT_MS = 2_000;

export function createReadyLimit(
  clock: Clock,
  holdings: Pick<TaskHoldings, "ready" | "takeReady">,
  onLate: (tasks: readonly ClaimedTask[]) => void,
): ReadyLimit {
  let cancel: (() => void) | null = null;

  return {
    watch,
    stop() {
      cancel?.();
      cancel = null;
    },
  };

  function watch(): void {
    if (holdings.ready === 0 || cancel !== null) return;
    const since = clock.now();
    cancel = clock.after(READY_LIMIT_MS, () => {
      cancel = null;
      const late = holdings.takeReady(since + 1);
      if (late.length > 0) onLate(late);
      watch();
    });
  }
}
