import type { IntegrationsError } from "../errors.ts";
import type { StateBackend } from "../state/queued-store.ts";
import { acquireMutex } from "./acquire-mutex.ts";
import { commitState } from "./commit-state.ts";
import type { CommitParts } from "./commit-state.ts";
import { stateNotWritten } from "./file-faults.ts";
import { loadState } from "./load-state.ts";
import type { StateFileParts } from "./state-file-options.ts";
import { makePlace } from "./state-place.ts";
import type { StatePlace } from "./state-place.ts";
import { sweepTemporaries } from "./temporary-files.ts";

type Write = StateBackend["write"];

/** Gives each turn the mutex for itself. The first one removes what killed writers left. */
export function createLockedWrite(parts: StateFileParts & CommitParts): Write {
  const { path, fileSystem, logger } = parts;
  let hasSwept = false;

  async function sweepOnce(place: StatePlace): Promise<void> {
    if (hasSwept) return;
    hasSwept = true;
    await sweepTemporaries(fileSystem, place).catch((error: unknown) => {
      logger.warn({ path, error }, "What killed writers left beside the integrations state stays there.");
    });
  }

  return async (turn) => {
    const place = await makePlace(fileSystem, path).catch((error: unknown) => {
      throw stateNotWritten(path, error);
    });
    const held = await acquireMutex(parts, place);
    try {
      await sweepOnce(place);
      await takeTurn(parts, place, turn);
    } finally {
      await held.release().catch((error: unknown) => {
        logger.error({ path, error }, "The lock of the integrations state could not be released.");
      });
    }
  };
}

/** A state that is not in its place, or not as it should be, is written even if the turn changes nothing. */
async function takeTurn(
  parts: StateFileParts & CommitParts,
  place: StatePlace,
  turn: Parameters<Write>[0],
): Promise<void> {
  const loaded = await loadState(parts, place);
  const next = await turn(loaded.state);
  if (next === null && !loaded.isRestored) return;
  const report = await commitState(parts, place, loaded, next ?? loaded.state);
  if (report !== null) tell(parts, report);
}

function tell({ path, logger, onProblem }: StateFileParts, problem: IntegrationsError): void {
  logger.error({ path, error: problem }, problem.message);
  try {
    onProblem(problem);
  } catch (error) {
    logger.warn({ path, error }, "The listener to problems of the integrations state threw.");
  }
}
