import type { Database } from "@core/database";
import { createTestDatabases, freshSchema, testEngines } from "@core/database/testing";
import type { JsonValue } from "@core/registry";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { untyped } from "../test/fixtures.ts";
import { hostMigrations } from "./host-migrations.ts";
import { createIntegrationStorage } from "./integration-storage.ts";
import { DEEPEST_LEVEL } from "./json-issue.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

describe.each(testEngines)("the storage of integrations on %s", (engine) => {
  const schema = `${freshSchema()} "odd.name"`;
  let database: Database;
  let storageOf: ReturnType<typeof createIntegrationStorage>;

  beforeAll(async () => {
    database = await databases.open(engine);
    await database.migrate([hostMigrations(schema)]);
    storageOf = createIntegrationStorage(database, { schema });
  });

  it.each<[string, JsonValue]>([
    ["an object", { a: [1, { b: null }], "": "é😀", nested: { c: true } }],
    ["a list", [1, "two", null, []]],
    ["a text", "plain"],
    ["a text that looks like JSON", '{"a": 1}'],
    ["an empty text", ""],
    ["a number", -12.5e-7],
    ["the largest number", Number.MAX_VALUE],
    ["the smallest number", Number.MIN_VALUE],
    ["false", false],
    ["null", null],
    ["as many levels as allowed", nested(DEEPEST_LEVEL)],
  ])("gives back %s as it was given", async (_what, value) => {
    const storage = storageOf("same");
    await storage.set("key", value);
    expect(await storage.get("key")).toEqual(value);
  });

  it("knows nothing of a key that was never set, or was deleted", async () => {
    const storage = storageOf("gone");
    expect(await storage.get("key")).toBeNull();
    await storage.set("key", 1);
    await storage.delete("key");
    expect(await storage.get("key")).toBeNull();
    await expect(storage.delete("key")).resolves.toBeUndefined();
  });

  it("keeps the value that was set last, and when", async () => {
    const storage = storageOf("last");
    await storage.set("key", "first");
    const first = await updatedAt("last");
    await storage.set("key", "second");
    expect(await storage.get("key")).toBe("second");
    expect((await updatedAt("last")).getTime()).toBeGreaterThanOrEqual(first.getTime());
    await Promise.all(["a", "b", "c"].map((value) => storage.set("key", value)));
    expect(["a", "b", "c"]).toContain(await storage.get("key"));
  });

  it("shows no integration the keys of another", async () => {
    const [one, two] = [storageOf("one"), storageOf("two")];
    await one.set("key", "of one");
    expect(await two.get("key")).toBeNull();
    await two.set("key", "of two");
    expect(await one.get("key")).toBe("of one");
    await two.delete("key");
    expect(await one.get("key")).toBe("of one");
  });

  it("leaves out a field that is undefined", async () => {
    const storage = storageOf("undefined");
    await storage.set("key", { a: undefined, b: 1 });
    expect(await storage.get("key")).toStrictEqual({ b: 1 });
  });

  it("takes a key of any characters, up to 255 of them", async () => {
    const storage = storageOf("keys");
    for (const key of ["x".repeat(255), "ключ'; drop table --", "😀".repeat(127), "a/b:c", " "]) {
      await storage.set(key, key);
      expect(await storage.get(key)).toBe(key);
    }
  });

  it.each([
    ["is empty", ""],
    ["is longer than 255 characters", "x".repeat(256)],
    ["holds a NUL character", "a\u0000"],
    ["holds half a surrogate pair", "a\ud800"],
    ["is no text", 7],
    ["is missing", undefined],
  ])("refuses a key that %s, in each call", async (_how, key) => {
    const storage = storageOf("refused-keys");
    const calls = [storage.get(untyped(key)), storage.set(untyped(key), 1), storage.delete(untyped(key))];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: { code: "STORAGE_KEY_INVALID", details: { integration: "refused-keys" } },
      });
    }
  });

  it.each([
    ["undefined", undefined, ""],
    ["a circle", circle(), "self"],
    ["a BigInt", { big: 1n }, "big"],
    ["a NUL character", ["\u0000"], "0"],
    ["half a surrogate pair", { text: "\ud800" }, "text"],
    ["a date", { at: new Date(0) }, "at"],
  ])("refuses %s, says where, and keeps what was there", async (_what, value, field) => {
    const storage = storageOf("refused-values");
    await storage.set("key", "before");
    await expect(storage.set("key", untyped(value))).rejects.toMatchObject({
      code: "STORAGE_VALUE_INVALID",
      details: { integration: "refused-values", key: "key", issues: [{ field }] },
    });
    expect(await storage.get("key")).toBe("before");
  });

  it("keeps its values for the next one that opens them", async () => {
    await storageOf("kept").set("key", [1]);
    expect(await createIntegrationStorage(database, { schema })("kept").get("key")).toEqual([1]);
  });

  async function updatedAt(integration: string): Promise<Date> {
    const { rows } = await sql<{ updated_at: Date }>`
      select updated_at from ${sql.id(schema, "integration_storage")} where integration = ${integration}
    `.execute(database.kysely);
    return rows[0]?.updated_at ?? new Date(Number.NaN);
  }
});

function circle(): unknown {
  const value: Record<string, unknown> = {};
  value["self"] = value;
  return value;
}

function nested(levels: number): JsonValue {
  let value: JsonValue = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}
