import { strict as assert } from "node:assert";
import { openDatabase } from "@core/database";
import { createPostgresStore, stateMigrations } from "@core/integrations-state/postgres";

const database = await openDatabase({ memory: true }); // or { url: "postgres://…" }
await database.migrate([stateMigrations()]);

const store = createPostgresStore({ database });
const { state } = await store.update((draft) => {
  draft.git_auto_commit.enabled = true;
});

assert.deepEqual(await store.read(), state);
await store.close();
await database.close();
