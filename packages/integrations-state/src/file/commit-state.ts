import { randomBytes } from "node:crypto";
import { IntegrationsError } from "../errors.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import { formatState } from "../state/state-document.ts";
import { restoration } from "./damage.ts";
import type { DurableWriter } from "./durable-writer.ts";
import { stateNotWritten } from "./file-faults.ts";
import { removeIfThere, syncFolder } from "./file-steps.ts";
import type { LoadedState, LoadParts } from "./load-state.ts";
import type { StatePlace } from "./state-place.ts";

export interface CommitParts extends LoadParts {
  readonly writer: DurableWriter;
}

/**
 * Writes, for the holder of the mutex, what follows on what was loaded. That stays as the last good copy, or, where it
 * could not be read, under a name that tells so; then it answers the report of that.
 * @throws STATE_WRITE_FAILED
 */
export async function commitState(
  parts: CommitParts,
  place: StatePlace,
  loaded: LoadedState,
  next: IntegrationState,
): Promise<IntegrationsError | null> {
  const bytes = Buffer.from(formatState(next));
  let keptAs: string | null = null;
  try {
    await parts.writer.replace(place.state, bytes, async () => {
      if (loaded.bytes === null) return;
      if (loaded.isRestored) keptAs = await keepDamaged(parts, place, loaded.bytes);
      else await keepAsLastGood(parts, place, loaded.bytes);
    });
  } catch (error) {
    throw error instanceof IntegrationsError ? error : stateNotWritten(place.state, error);
  }
  parts.parser.remember(bytes, next);
  return loaded.isRestored ? restoration(place, loaded.damage, keptAs) : null;
}

async function keepAsLastGood(
  { fileSystem, writer }: CommitParts,
  place: StatePlace,
  bytes: Buffer,
): Promise<void> {
  await removeIfThere(fileSystem, place.lastGood);
  await writer.keep(place.state, bytes, place.lastGood);
}

async function keepDamaged(
  { fileSystem, writer, clock }: CommitParts,
  place: StatePlace,
  bytes: Buffer,
): Promise<string> {
  const time = new Date(clock.now()).toISOString().replaceAll(/[-:.]/g, "");
  const name = `${place.state}.corrupt-${time}-${randomBytes(4).toString("hex")}`;
  await writer.keep(place.state, bytes, name);
  // Its new name has to outlive a loss of power before the old one is taken from it.
  await syncFolder(fileSystem, place.folder);
  return name;
}
