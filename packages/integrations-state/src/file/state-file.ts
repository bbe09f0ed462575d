import { IntegrationsError } from "../errors.ts";
import { emptyState } from "../state/empty-state.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import { copyJson } from "../state/json-copy.ts";
import type { StateStore } from "../state/state-store.ts";
import { createDurableWriter } from "./durable-writer.ts";
import { stateUnreadable } from "./file-faults.ts";
import { createStateLock } from "./locked-state.ts";
import { loadState } from "./load-state.ts";
import type { LoadedState } from "./load-state.ts";
import { stateFileParts } from "./state-file-options.ts";
import type { StateFileOptions } from "./state-file-options.ts";
import { createStateParser } from "./state-parser.ts";
import { findPlace } from "./state-place.ts";
import { createUpdateQueue } from "./update-queue.ts";

/**
 * The state in a JSON file that any number of processes of a machine may share, each killed at any moment: what was
 * acknowledged survives it and a loss of power, and a reader never sees half a state. A missing file is an empty state.
 */
export function createStateFile(options: StateFileOptions = {}): StateStore {
  const parts = stateFileParts(options);
  const { path, fileSystem, clock } = parts;
  const parser = createStateParser();
  const writer = createDurableWriter(fileSystem, clock);
  const queue = createUpdateQueue(parts, createStateLock({ ...parts, parser, writer }));
  let closed = false;

  /** What was restored is written back, so that it is found out and told once. */
  async function repaired({ state }: LoadedState): Promise<IntegrationState> {
    try {
      return (await queue.add(() => undefined)).state;
    } catch (error) {
      parts.logger.warn({ path, error }, "A damaged integrations state could not be repaired.");
      return copyJson(state);
    }
  }

  return {
    async read() {
      if (closed) throw storeClosed(path);
      const place = await findPlace(fileSystem, path).catch((error: unknown) => {
        throw stateUnreadable(path, error);
      });
      if (place === null) return emptyState(new Date(clock.now()));
      const loaded = await loadState({ fileSystem, parser, clock }, place);
      return loaded.isRestored ? repaired(loaded) : copyJson(loaded.state);
    },
    async update(mutator) {
      if (closed) throw storeClosed(path);
      return queue.add(mutator);
    },
    async close() {
      closed = true;
      await queue.settled();
    },
  };
}

function storeClosed(path: string): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_CLOSED",
    message: `The integrations state ${path} is closed here. Open it again with createStateFile.`,
    details: { path },
  });
}
