import { createQueuedStore } from "../state/queued-store.ts";
import type { StateStore } from "../state/state-store.ts";
import { createFileBackend } from "./file-backend.ts";
import { stateFileParts } from "./state-file-options.ts";
import type { StateFileOptions } from "./state-file-options.ts";

/**
 * The state in a JSON file that any number of processes of one machine may share, each killed at any moment: what was
 * acknowledged survives that and a loss of power, and a reader never sees half a state. A missing file is an empty
 * state; it is made by the first update.
 */
export function createStateFile(options: StateFileOptions = {}): StateStore {
  const parts = stateFileParts(options);
  return createQueuedStore(createFileBackend(parts), parts.clock, parts.mutatorTimeoutMs);
}
