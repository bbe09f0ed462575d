import type { Kysely } from "kysely";
import type { StateBackend } from "../state/queued-store.ts";
import { readStateDocument, writeStateDocument } from "../state/state-document.ts";
import { notWritten, unreadable } from "./database-faults.ts";
import type { StateRow } from "./state-row.ts";

/** Keeps the state in one row, whose lock lets one writer at a time have its turn. The database stays open. */
export function createRowBackend<Tables>(
  kysely: Kysely<Tables>,
  row: StateRow,
  lockTimeoutMs: number,
): StateBackend {
  return {
    async read() {
      try {
        return readStateDocument(await row.read(kysely));
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
          const next = await turn(readStateDocument(await row.lock(trx, lockTimeoutMs)));
          if (next !== null) await row.write(trx, writeStateDocument(next));
          isCommitting = true;
        });
      } catch (error) {
        throw notWritten(error, isCommitting, lockTimeoutMs);
      }
    },
    close: async () => undefined,
  };
}
