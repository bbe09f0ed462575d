import { sleepBy } from "../clock-sleep.ts";
import { IntegrationsError } from "../errors.ts";
import { stateNotWritten } from "./file-faults.ts";
import type { HeldMutex } from "./file-mutex.ts";
import type { StateFileParts } from "./state-file-options.ts";
import type { StatePlace } from "./state-place.ts";

const SHORTEST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 9;

/**
 * Asks for the mutex again and again, without blocking the event loop, and without any look at the time of day.
 * @throws STATE_LOCK_TIMEOUT; STATE_WRITE_FAILED when there can be no lock
 */
export async function acquireMutex(parts: StateFileParts, place: StatePlace): Promise<HeldMutex> {
  const { mutex, random, clock, lockTimeoutMs } = parts;
  let isOver = false;
  const stop = clock.after(lockTimeoutMs, () => (isOver = true));
  try {
    for (;;) {
      const held = await mutex.tryAcquire(place.lock);
      if (held !== null) return held;
      if (isOver) throw lockTimedOut(place.state, lockTimeoutMs);
      // By lot, so that those who wait do not ask in step with the one who holds it.
      const pauseMs = SHORTEST_PAUSE_MS + random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS);
      await sleepBy(clock)(pauseMs);
    }
  } catch (error) {
    throw error instanceof IntegrationsError ? error : stateNotWritten(place.state, error);
  } finally {
    stop();
  }
}

function lockTimedOut(path: string, ms: number): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_LOCK_TIMEOUT",
    message:
      `The integrations state ${path} was not changed: somebody else was writing it for ${ms} ms. ` +
      "Try again; if it stays so, look for a process that was stopped while it wrote, or for a disk that hangs.",
    retryable: true,
    details: { path, timeout_ms: ms },
  });
}
