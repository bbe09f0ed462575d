import type { IntegrationsError } from "../errors.ts";
import { emptyState } from "../state/empty-state.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import { copyJson } from "../state/json-copy.ts";
import type { StateBackend } from "../state/queued-store.ts";
import { acquireMutex } from "./acquire-mutex.ts";
import { commitState } from "./commit-state.ts";
import { createDurableWriter } from "./durable-writer.ts";
import { stateNotWritten, stateUnreadable } from "./file-faults.ts";
import { loadState } from "./load-state.ts";
import type { StateFileParts } from "./state-file-options.ts";
import { createStateParser } from "./state-parser.ts";
import { findPlace, makePlace } from "./state-place.ts";
import type { StatePlace } from "./state-place.ts";
import { sweepTemporaries } from "./temporary-files.ts";

type Turn = Parameters<StateBackend["write"]>[0];

/** Keeps the state in a file that other processes may write too; a damaged one is restored by whoever meets it. */
export function createFileBackend(options: StateFileParts): StateBackend {
  const { path, fileSystem, clock, logger } = options;
  const writer = createDurableWriter(fileSystem, clock);
  const parts = { ...options, writer, parser: createStateParser() };
  let hasSwept = false;

  async function read(): Promise<IntegrationState> {
    const place = await findPlace(fileSystem, path).catch((error: unknown) => {
      throw stateUnreadable(path, error);
    });
    if (place === null) return emptyState(new Date(clock.now()));
    const { state, isRestored } = await loadState(parts, place);
    if (isRestored) await repair();
    return copyJson(state);
  }

  async function repair(): Promise<void> {
    try {
      await write(async () => null);
    } catch (error) {
      logger.warn({ path, error }, "The integrations state is damaged and could not be restored yet.");
    }
  }

  async function write(turn: Turn): Promise<void> {
    const place = await makePlace(fileSystem, path).catch((error: unknown) => {
      throw stateNotWritten(path, error);
    });
    const held = await acquireMutex(options, place);
    try {
      await sweepOnce(place);
      await takeTurn(place, turn);
    } finally {
      await held.release().catch((error: unknown) => {
        logger.error({ path, error }, "The lock of the integrations state could not be released.");
      });
    }
  }

  async function takeTurn(place: StatePlace, turn: Turn): Promise<void> {
    const loaded = await loadState(parts, place);
    const next = await turn(loaded.state);
    if (next === null && !loaded.isRestored) return;
    const report = await commitState(parts, place, loaded, next ?? loaded.state);
    if (report !== null) tell(options, report);
  }

  async function sweepOnce(place: StatePlace): Promise<void> {
    if (hasSwept) return;
    hasSwept = true;
    await sweepTemporaries(fileSystem, place).catch((error: unknown) => {
      logger.warn({ path, error }, "What killed writers left beside the integrations state stays there.");
    });
  }

  return { read, write, close: async () => undefined };
}

function tell({ path, logger, onProblem }: StateFileParts, problem: IntegrationsError): void {
  logger.error({ path, error: problem }, problem.message);
  try {
    onProblem(problem);
  } catch (error) {
    logger.warn({ path, error }, "The listener to problems of the integrations state threw.");
  }
}
