import type { IntegrationState } from "../state/integration-state.ts";
import { readStateDocument } from "../state/state-document.ts";
import { inFile } from "./damage.ts";

/** Reads states, and knows the last one: parsing the same bytes again is a cost that each write would feel. */
export interface StateParser {
  /**
   * The state is not to be changed.
   * @throws STATE_CORRUPT, STATE_VERSION_UNSUPPORTED
   */
  parse(path: string, bytes: Buffer): IntegrationState;
  /** These bytes mean this state. */
  remember(bytes: Buffer, state: IntegrationState): void;
}

export function createStateParser(): StateParser {
  let known: { readonly bytes: Buffer; readonly state: IntegrationState } | null = null;
  return {
    parse(path, bytes) {
      if (known?.bytes.equals(bytes)) return known.state;
      try {
        const state = readStateDocument(bytes.toString("utf8"));
        known = { bytes, state };
        return state;
      } catch (error) {
        throw inFile(path, error);
      }
    },
    remember(bytes, state) {
      known = { bytes, state };
    },
  };
}
