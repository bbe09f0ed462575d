import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createBlobStore, databaseMigrations, openDatabase, type MigrationSet } from "./index.ts";

async function runExample(dataDir: string, heard: string[]): Promise<string> {
  const notes: MigrationSet = {
    name: "notes",
    migrations: [
      { name: "0001-note", statements: ["create table note (id int8 primary key, text text not null)"] },
    ],
  };

  // { url: "postgres://…" } for a server, { memory: true } for a database that is gone when it closes.
  await using database = await openDatabase({ dataDir });
  await database.migrate([databaseMigrations, notes]);

  const db = database.kysely.withTables<{ note: { id: number; text: string } }>();
  await database.listen("note", (id) => heard.push(id));
  await db.transaction().execute(async (trx) => {
    await trx.insertInto("note").values({ id: 1, text: "hello" }).execute();
    await database.notify("note", "1", trx); // arrives when the transaction commits
  });

  const blobs = createBlobStore(database, { maxBytes: 10_000_000 });
  const { id, sha256 } = await blobs.put(new Blob(["hello"]).stream(), { name: "hello.txt" });

  await vi.waitFor(() => expect(heard).toEqual(["1"]));
  expect(await blobs.stat(id)).toMatchObject({ name: "hello.txt", size: 5 });
  return sha256;
}

test("the example of the README does what it says", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "readme-example-"));
  const sha256 = await runExample(dataDir, []);
  await rm(dataDir, { recursive: true, force: true });
  expect(sha256).toMatch(/^2cf24dba/);
});

test("the README shows the example that this file runs", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const source = await readFile(new URL(import.meta.url), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const [imports = "", ...body] = example.split("\n");
  expect(source).toContain(imports.replace("@core/database", "./index.ts"));
  const lines = source.split("\n").map((line) => line.trim());
  expect(body.map((line) => line.trim()).filter((line) => !lines.includes(line))).toEqual([]);
});
