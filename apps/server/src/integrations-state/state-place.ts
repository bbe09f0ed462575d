import { join } from "node:path";
import type { Database } from "@core/database";
import type { IntegrationsPartsOptions } from "@core/integrations-state";
import { createPostgresStore } from "@core/integrations-state/postgres";

/** Where the state is kept: in the database that several servers share, else in a file of the data folder. */
export function statePlace(
  database: Database | null,
  dataDir: string,
): Pick<IntegrationsPartsOptions, "path" | "store"> {
  if (database?.engine === "postgres") return { store: createPostgresStore({ database }) };
  return { path: join(dataDir, "state", "integrations.json") };
}
