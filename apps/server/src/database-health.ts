import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@core/database";

/** Tells whether the database answers in time. Callers that come together share one question. */
export function createDatabaseCheck(database: Database, timeoutMs = 2_000): () => Promise<boolean> {
  let asking: Promise<boolean> | null = null;
  return () => {
    asking ??= answers(database, timeoutMs).finally(() => (asking = null));
    return asking;
  };
}

async function answers(database: Database, timeoutMs: number): Promise<boolean> {
  const timeout = new AbortController();
  const late = sleep(timeoutMs, false, { signal: timeout.signal }).catch(() => false);
  const asked = database.kysely
    .selectNoFrom(({ lit }) => lit(1).as("one"))
    .execute()
    .then(
      () => true,
      () => false,
    );
  const isOk = await Promise.race([asked, late]);
  timeout.abort();
  return isOk;
}
