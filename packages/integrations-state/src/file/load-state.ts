import type { Clock } from "@core/registry";
import type { IntegrationsError } from "../errors.ts";
import { emptyState } from "../state/empty-state.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import { beyondRepair, isDamage } from "./damage.ts";
import { codeOf, stateUnreadable } from "./file-faults.ts";
import type { FileSystem } from "./file-system.ts";
import type { StateParser } from "./state-parser.ts";
import type { StatePlace } from "./state-place.ts";

export interface LoadedState {
  /** Not to be changed. */
  readonly state: IntegrationState;
  /** What stands in the place of the state; null: nothing. */
  readonly bytes: Buffer | null;
  /** Whether the state is its last good copy. */
  readonly isRestored: boolean;
  /** Why what stands in its place could not be read. */
  readonly damage: IntegrationsError | null;
}

export interface LoadParts {
  readonly fileSystem: FileSystem;
  readonly parser: StateParser;
  readonly clock: Clock;
}

/**
 * Needs no lock: what stands in the place of the state is always whole. Changes nothing, whatever it finds.
 * @throws STATE_CORRUPT, STATE_UNREADABLE, STATE_VERSION_UNSUPPORTED
 */
export async function loadState(parts: LoadParts, place: StatePlace): Promise<LoadedState> {
  const { fileSystem, parser, clock } = parts;
  const bytes = await readIfThere(fileSystem, place.state);
  let damage: IntegrationsError | null = null;
  try {
    if (bytes !== null) {
      return { state: parser.parse(place.state, bytes), bytes, isRestored: false, damage };
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    damage = error;
  }
  const lastGood = await loadLastGood(parts, place, damage);
  if (lastGood !== null) return { state: lastGood, bytes, isRestored: true, damage };
  return { state: emptyState(new Date(clock.now())), bytes, isRestored: false, damage };
}

async function loadLastGood(
  { fileSystem, parser }: LoadParts,
  place: StatePlace,
  damage: IntegrationsError | null,
): Promise<IntegrationState | null> {
  const bytes = await readIfThere(fileSystem, place.lastGood);
  if (bytes === null && damage === null) return null;
  if (bytes === null) throw beyondRepair(place, damage, "is missing");
  try {
    return parser.parse(place.lastGood, bytes);
  } catch (error) {
    throw isDamage(error) ? beyondRepair(place, damage, "cannot be read either") : error;
  }
}

async function readIfThere(fileSystem: FileSystem, path: string): Promise<Buffer | null> {
  try {
    const file = await fileSystem.open(path, "r");
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw stateUnreadable(path, error);
  }
}
