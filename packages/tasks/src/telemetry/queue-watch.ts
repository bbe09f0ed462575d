import type { Clock } from "@core/registry";
import type { QueueDepth } from "../task/task-stats.ts";
import type { Telemetry } from "./telemetry.ts";

/** Lets telemetry ask what lives in the queues while a worker of this process is up. */
export interface QueueWatch {
  /** A worker has started. Gives back what to call when it stops. */
  start(): () => void;
}

export interface QueueWatchOptions {
  readonly telemetry: Telemetry | null;
  readonly read: () => Promise<readonly QueueDepth[]>;
  readonly clock: Clock;
}

/** However often it is asked for. */
const READ_AT_MOST_EVERY_MS = 30_000;

/** However many workers there are, the queues are watched once. */
export function createQueueWatch({ telemetry, read, clock }: QueueWatchOptions): QueueWatch {
  let workers = 0;
  let end = (): void => {};
  let last: { readonly at: number; readonly depth: Promise<readonly QueueDepth[]> } | null = null;

  return {
    start() {
      if (telemetry === null) return () => {};
      workers += 1;
      if (workers === 1) end = telemetry.watchQueues(readSeldom);
      let isUp = true;
      return () => {
        if (!isUp) return;
        isUp = false;
        workers -= 1;
        if (workers === 0) end();
      };
    },
  };

  function readSeldom(): Promise<readonly QueueDepth[]> {
    const now = clock.now();
    if (last !== null && now - last.at < READ_AT_MOST_EVERY_MS) return last.depth;
    const depth = read();
    last = { at: now, depth };
    depth.catch(() => {
      last = null;
    });
    return depth;
  }
}
