import { emptyState } from "../state/empty-state.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import { copyJson } from "../state/json-copy.ts";
import type { StateBackend } from "../state/queued-store.ts";
import { createDurableWriter } from "./durable-writer.ts";
import { stateUnreadable } from "./file-faults.ts";
import { loadState } from "./load-state.ts";
import { createLockedWrite } from "./locked-write.ts";
import type { StateFileParts } from "./state-file-options.ts";
import { createStateParser } from "./state-parser.ts";
import { findPlace } from "./state-place.ts";

/** Keeps the state in a file that other processes may write too; a damaged one is restored by whoever meets it. */
export function createFileBackend(options: StateFileParts): StateBackend {
  const { path, fileSystem, clock, logger } = options;
  const writer = createDurableWriter(fileSystem, clock);
  const parts = { ...options, writer, parser: createStateParser() };
  const write = createLockedWrite(parts);

  async function read(): Promise<IntegrationState> {
    const place = await findPlace(fileSystem, path).catch((error: unknown) => {
      throw stateUnreadable(path, error);
    });
    if (place === null) return emptyState(new Date(clock.now()));
    const loaded = await loadState(parts, place);
    if (!loaded.isRestored) return copyJson(loaded.state);
    await repair();
    return copyJson((await loadState(parts, place)).state);
  }

  async function repair(): Promise<void> {
    try {
      await write(async () => null);
    } catch (error) {
      logger.warn({ path, error }, "The integrations state is damaged and could not be restored yet.");
    }
  }

  return { read, write, close: async () => undefined };
}
