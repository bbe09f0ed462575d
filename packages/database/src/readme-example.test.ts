/* oxlint-disable no-restricted-imports -- the example is written as its readers write it */
import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";

// #region imports
import { createBlobStore, databaseMigrations, openDatabase, type MigrationSet } from "@core/database";
// #endregion

test("the example of the README does what it says", async () => {
  // #region example
  const notes: MigrationSet = {
    name: "notes",
    migrations: [
      { name: "0001-note", statements: ["create table note (id int8 primary key, text text not null)"] },
    ],
  };

  // { dataDir: "data" } for a database in a folder, { url: "postgres://…" } for a server.
  await using database = await openDatabase({ memory: true });
  await database.migrate([databaseMigrations, notes]);

  const heard: string[] = [];
  const db = database.kysely.withTables<{ note: { id: number; text: string } }>();
  await database.listen("note", (id) => heard.push(id));
  await db.transaction().execute(async (trx) => {
    await trx.insertInto("note").values({ id: 1, text: "hello" }).execute();
    await database.notify("note", "1", trx); // arrives when the transaction commits
  });

  const blobs = createBlobStore(database, { maxBytes: 10_000_000 });
  const { id, sha256 } = await blobs.put(new Blob(["hello"]).stream(), { name: "hello.txt" });
  // #endregion

  await vi.waitFor(() => expect(heard).toEqual(["1"]));
  expect(await blobs.stat(id)).toMatchObject({ name: "hello.txt", size: 5 });
  expect(sha256).toMatch(/^2cf24dba/);
});

test("the README shows the example as this file runs it, and nothing else", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const source = await readFile(new URL(import.meta.url), "utf8");
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code.trim());
  expect(blocks).toEqual([`${region(source, "imports")}\n\n${region(source, "example")}`]);
});

/** The lines between two marks, moved to the left margin. */
function region(source: string, name: string): string {
  const [, code = ""] = new RegExp(`// #region ${name}\n(.*?)\n *// #endregion`, "s").exec(source) ?? [];
  const margin = /^ */.exec(code)?.[0] ?? "";
  return code.replaceAll(new RegExp(`^${margin}`, "gm"), "");
}
