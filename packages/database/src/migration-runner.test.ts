import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { sql } from "kysely";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import type { Database } from "./database.ts";
import { databaseMigrations } from "./blob-migrations.ts";
import type { MigrationSet } from "./migration-set.ts";
import { exportMigrationSql } from "./migration-sql.ts";
import { openDatabase } from "./open-database.ts";
import { freshSchema, openTestDatabase, testEngines } from "./test-database.ts";

const opened: Database[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

async function open(engine: Database["engine"]): Promise<Database> {
  const database = await openTestDatabase(engine);
  opened.push(database);
  return database;
}

/** The url of the database that a Postgres test opened. */
async function urlOf(database: Database): Promise<string> {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(database.kysely);
  const url = new URL(process.env["TEST_POSTGRES_URL"] ?? "");
  url.pathname = `/${rows[0]?.name}`;
  return url.href;
}

async function ledger(database: Database): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select package || '/' || name as line from core.migration order by package, name`.execute(
    database.kysely,
  );
  return rows.map(({ line }) => line);
}

const house: MigrationSet = {
  name: "@test/house",
  migrations: [
    { name: "0001-room", statements: ["create table public.room (id int4 primary key)"] },
    {
      name: "0002-door",
      statements: [
        "create table public.door (room int4 references public.room)",
        "create index on public.door (room)",
      ],
    },
  ],
};
const garden: MigrationSet = {
  name: "@test/garden",
  migrations: [
    { name: "0001-path", statements: ["create table public.path (room int4 references public.room)"] },
  ],
};

describe.each(testEngines)("on %s", (engine) => {
  test("migrations are applied once, in the order of the sets", async () => {
    const database = await open(engine);
    const first = await database.migrate([house, garden]);
    expect(first.applied.map(({ package: set, name }) => `${set}/${name}`)).toEqual([
      "@test/house/0001-room",
      "@test/house/0002-door",
      "@test/garden/0001-path",
    ]);
    expect(await database.migrate([house, garden])).toEqual({ applied: [], unknown: [] });
  });

  test("a later run applies only what is new", async () => {
    const database = await open(engine);
    await database.migrate([{ ...house, migrations: house.migrations.slice(0, 1) }]);
    const { applied } = await database.migrate([house, garden]);
    expect(applied.map(({ name }) => name)).toEqual(["0002-door", "0001-path"]);
  });

  test("a failing statement rolls the whole run back and names its migration", async () => {
    const database = await open(engine);
    const broken = {
      name: "@test/broken",
      migrations: [{ name: "0001-no", statements: ["select 1", "selec 2"] }],
    };
    await expect(database.migrate([house, broken])).rejects.toMatchObject({
      code: "DATABASE_MIGRATION_FAILED",
      message: expect.stringMatching(/"0001-no" of @test\/broken failed at statement 2: .*selec/),
      details: { package: "@test/broken", migration: "0001-no", statement: 2 },
    });
    const { rows } =
      await sql`select to_regclass('public.room') as room, to_regclass('core.migration') as ledger`.execute(
        database.kysely,
      );
    expect(rows).toEqual([{ room: null, ledger: null }]);
  });

  test("a migration that was changed after it had been applied is refused", async () => {
    const database = await open(engine);
    await database.migrate([house]);
    const changed = { ...house, migrations: [{ name: "0001-room", statements: ["select 1"] }] };
    await expect(database.migrate([changed])).rejects.toMatchObject({
      code: "DATABASE_MIGRATION_DRIFT",
      details: { package: "@test/house", migration: "0001-room" },
    });
  });

  test("an older version beside a newer one leaves alone what it does not know", async () => {
    const database = await open(engine);
    await database.migrate([house, garden]);
    const older = { ...house, migrations: house.migrations.slice(0, 1) };
    const report = await database.migrate([older]);
    expect(report.applied).toEqual([]);
    expect(report.unknown).toHaveLength(2);
    expect(await ledger(database)).toHaveLength(3);
  });

  test("the package's own migrations apply", async () => {
    const database = await open(engine);
    const { applied } = await database.migrate([databaseMigrations]);
    expect(applied).toEqual([{ package: "@core/database", name: "0001-blobs" }]);
  });
});

test("a package or a migration that occurs twice is refused", async () => {
  const twice = {
    name: "@test/twice",
    migrations: [
      { name: "a", statements: [] },
      { name: "a", statements: [] },
    ],
  };
  expect(() => exportMigrationSql([house, house])).toThrow(/"@test\/house" twice/);
  expect(() => exportMigrationSql([twice])).toThrow(
    expect.objectContaining({ code: "DATABASE_MIGRATION_DUPLICATE" }),
  );
});

test("several that start together on one Postgres migrate once", async () => {
  const url = await urlOf(await open("postgres"));
  const together = await Promise.all([1, 2, 3, 4, 5].map(() => openDatabase({ url, poolSize: 1 })));
  opened.unshift(...together);
  const reports = await Promise.all(together.map((database) => database.migrate([house, garden])));
  expect(reports.map(({ applied }) => applied.length).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 3]);
});

test("several processes that start together migrate once", async () => {
  const url = await urlOf(await open("postgres"));
  const script = `
    import { openDatabase } from ${JSON.stringify(new URL("./open-database.ts", import.meta.url).href)};
    const database = await openDatabase({ url: ${JSON.stringify(url)} });
    const { applied } = await database.migrate(${JSON.stringify([house, garden])});
    process.stdout.write(String(applied.length));
    await database.close();`;
  const runNode = promisify(execFile);
  const runs = await Promise.all(
    [1, 2, 3].map(() => runNode(process.execPath, ["--input-type=module", "-e", script])),
  );
  expect(runs.map(({ stdout }) => stdout).toSorted()).toEqual(["0", "0", "3"]);
});

test("after the exported script there is nothing left to migrate", async () => {
  const database = await open("postgres");
  const odd: MigrationSet = {
    name: `@test/${freshSchema()}`,
    migrations: [{ name: "it's odd", statements: ["select 1; ", "select 2 -- with a comment"] }],
  };
  const sets = [databaseMigrations, house, garden, odd];
  const client = new pg.Client({ connectionString: await urlOf(database) });
  await client.connect();
  await client.query(exportMigrationSql(sets));
  await client.end();
  expect(await database.migrate(sets)).toEqual({ applied: [], unknown: [] });
});
