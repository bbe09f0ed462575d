import { afterEach, describe, expect, test } from "vitest";
import type { Database } from "./database.ts";
import { checkMigrations } from "./migration-check.ts";
import type { MigrationSet } from "./migration-set.ts";
import { openTestDatabase, testEngines } from "./test-database.ts";

const opened: Database[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

const room = { name: "0001-room", statements: ["create table public.room (id int4 primary key)"] };
const door = { name: "0002-door", statements: ["create table public.door (id int4 primary key)"] };

describe.each(testEngines)("comparing migrations on %s", (engine) => {
  test("tells what is applied, missing, changed and unknown, and changes nothing", async () => {
    const database = await openTestDatabase(engine);
    opened.push(database);
    const check = (set: MigrationSet) => checkMigrations(database, [set]);
    const named = (name: string) => [{ package: "@test/house", name }];
    const house: MigrationSet = { name: "@test/house", migrations: [room] };
    const nothing = { applied: [], missing: [], changed: [], unknown: [] };
    expect(await check(house)).toEqual({ ...nothing, missing: named("0001-room") });
    expect(await check(house)).toEqual({ ...nothing, missing: named("0001-room") });
    await database.migrate([house]);
    expect(await check(house)).toEqual({ ...nothing, applied: named("0001-room") });
    expect(await check({ ...house, migrations: [room, door] })).toEqual({
      ...nothing,
      applied: named("0001-room"),
      missing: named("0002-door"),
    });
    expect(await check({ ...house, migrations: [{ ...room, statements: ["select 1"] }] })).toEqual({
      ...nothing,
      changed: named("0001-room"),
    });
    expect(await check({ ...house, migrations: [] })).toEqual({ ...nothing, unknown: named("0001-room") });
  });
});
