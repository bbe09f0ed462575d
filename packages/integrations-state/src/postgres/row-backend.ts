import type { Kysely } from "kysely";
import type { IntegrationState } from "../state/integration-state.ts";
import { copyJson } from "../state/json-copy.ts";
import type { StateBackend } from "../state/queued-store.ts";
import { formatState, readStateDocument } from "../state/state-document.ts";
import { notWritten, unreadable } from "./database-faults.ts";
import type { StateRow } from "./state-row.ts";

/** Keeps the state in one row, whose lock lets one writer at a time have its turn. The database stays open. */
export function createRowBackend<Tables>(
  kysely: Kysely<Tables>,
  row: StateRow,
  lockTimeoutMs: number,
): StateBackend {
  const stateOf = createDocumentReader();
  return {
    async read() {
      try {
        return copyJson(stateOf(await row.read(kysely)));
      } catch (error) {
        throw unreadable(error);
      }
    },
    async write(turn) {
      let isCommitting = false;
      // Whatever the server's default is: the row's lock must give its latest version.
      const transaction = kysely.transaction().setIsolationLevel("read committed");
      try {
        await transaction.execute(async (trx) => {
          const next = await turn(stateOf(await row.lock(trx, lockTimeoutMs)));
          if (next !== null) await row.write(trx, formatState(next));
          isCommitting = true;
        });
      } catch (error) {
        throw notWritten(error, isCommitting, lockTimeoutMs);
      }
    },
    close: async () => undefined,
  };
}

/** Knows the last document: most are read more than once. Nobody changes the states that it answers. */
function createDocumentReader(): (document: string) => IntegrationState {
  let known: { readonly document: string; readonly state: IntegrationState } | null = null;
  return (document) => {
    if (known?.document === document) return known.state;
    const state = readStateDocument(document);
    known = { document, state };
    return state;
  };
}
