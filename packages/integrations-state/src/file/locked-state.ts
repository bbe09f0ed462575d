import type { IntegrationsError } from "../errors.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import { commitState } from "./commit-state.ts";
import type { CommitParts } from "./commit-state.ts";
import { stateNotWritten } from "./file-faults.ts";
import type { HeldMutex } from "./file-mutex.ts";
import { loadState } from "./load-state.ts";
import type { StateFileParts } from "./state-file-options.ts";
import { makePlace } from "./state-place.ts";
import type { StatePlace } from "./state-place.ts";
import { sweepTemporaries } from "./temporary-files.ts";

/** The state for the one who holds its mutex: nobody else writes until it is released. */
export interface LockedState {
  /** Not to be changed. */
  readonly state: IntegrationState;
  /** @throws STATE_WRITE_FAILED */
  commit(next: IntegrationState): Promise<void>;
  release(): Promise<void>;
}

/**
 * Waits for the mutex while it is wanted, and loads the state; null when it is not wanted any more.
 * @throws STATE_CORRUPT, STATE_UNREADABLE, STATE_VERSION_UNSUPPORTED, STATE_WRITE_FAILED
 */
export type LockState = (isWanted: () => boolean) => Promise<LockedState | null>;

const SHORTEST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 9;

export function createStateLock(parts: StateFileParts & CommitParts): LockState {
  const { path, fileSystem, logger } = parts;
  let hasSwept = false;

  async function open(place: StatePlace): Promise<Omit<LockedState, "release">> {
    if (!hasSwept) {
      hasSwept = true;
      await sweepTemporaries(fileSystem, place).catch((error: unknown) => {
        logger.warn({ path, error }, "What killed writers left beside the integrations state stays there.");
      });
    }
    const loaded = await loadState(parts, place);
    const commit = async (next: IntegrationState): Promise<void> => {
      const report = await commitState(parts, place, loaded, next);
      if (report !== null) tell(parts, report);
    };
    return { state: loaded.state, commit };
  }

  return async (isWanted) => {
    const place = await makePlace(fileSystem, path).catch((error: unknown) => {
      throw stateNotWritten(path, error);
    });
    const held = await acquire(parts, place, isWanted);
    if (held === null) return null;
    const release = (): Promise<void> => held.release();
    try {
      return { ...(await open(place)), release };
    } catch (error) {
      await release();
      throw error;
    }
  };
}

async function acquire(
  { mutex, random, clock }: StateFileParts,
  place: StatePlace,
  isWanted: () => boolean,
): Promise<HeldMutex | null> {
  while (isWanted()) {
    const held = await mutex.tryAcquire(place.lock).catch((error: unknown) => {
      throw stateNotWritten(place.state, error);
    });
    if (held !== null) return held;
    // By lot, so that those who wait do not ask in step with the one who holds it.
    const pauseMs = SHORTEST_PAUSE_MS + random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS);
    await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
  }
  return null;
}

function tell({ path, logger, onProblem }: StateFileParts, problem: IntegrationsError): void {
  logger.error({ path, error: problem }, problem.message);
  try {
    onProblem(problem);
  } catch (error) {
    logger.warn({ path, error }, "The listener to problems of the integrations state threw.");
  }
}
