import type { Database } from "@core/database";
import type { FieldIssue, JsonValue, StoragePort } from "@core/registry";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { HostError } from "./errors.ts";
import { DEFAULT_SCHEMA } from "./host-migrations.ts";
import { isStorableText, jsonIssue } from "./json-issue.ts";

export interface IntegrationStorageOptions {
  /** Where its table is. Default `host`, made by `hostMigrations`. */
  readonly schema?: string;
}

/** The most characters of a key. */
const LONGEST_KEY = 255;

/**
 * Keys and values in the database, for each integration its own. The calls reject with HostError
 * STORAGE_KEY_INVALID or STORAGE_VALUE_INVALID. Never call them inside a transaction.
 */
export function createIntegrationStorage(
  database: Database,
  { schema = DEFAULT_SCHEMA }: IntegrationStorageOptions = {},
): (type: string) => StoragePort {
  const db = database.kysely.withTables<StorageTables>().withSchema(schema);
  return (type) => ({
    async get(key) {
      assertKey(type, key);
      return readValue(db, type, key);
    },
    async set(key, value) {
      assertKey(type, key);
      assertValue(type, key, value);
      await writeValue(db, type, key, value);
    },
    async delete(key) {
      assertKey(type, key);
      await deleteValue(db, type, key);
    },
  });
}

type StorageTables = {
  integration_storage: {
    readonly integration: string;
    readonly key: string;
    readonly value: JsonValue;
    readonly updated_at: Date;
  };
};

async function readValue(db: Kysely<StorageTables>, type: string, key: string): Promise<JsonValue | null> {
  const row = await db
    .selectFrom("integration_storage")
    .select("value")
    .where("integration", "=", type)
    .where("key", "=", key)
    .executeTakeFirst();
  return row?.value ?? null;
}

async function writeValue(
  db: Kysely<StorageTables>,
  type: string,
  key: string,
  value: JsonValue,
): Promise<void> {
  const written = {
    value: sql<JsonValue>`${JSON.stringify(value)}::text::jsonb`,
    updated_at: sql<Date>`clock_timestamp()`,
  };
  await db
    .insertInto("integration_storage")
    .values({ integration: type, key, ...written })
    .onConflict((conflict) => conflict.columns(["integration", "key"]).doUpdateSet(written))
    .execute();
}

async function deleteValue(db: Kysely<StorageTables>, type: string, key: string): Promise<void> {
  await db.deleteFrom("integration_storage").where("integration", "=", type).where("key", "=", key).execute();
}

/** Authors without types are told, too. */
function assertKey(type: string, key: unknown): void {
  const problem = keyProblem(key);
  if (problem === null) return;
  throw new HostError({
    code: "STORAGE_KEY_INVALID",
    message: `A key in the storage of integration "${type}" ${problem}. Write a text of 1 to ${LONGEST_KEY} characters.`,
    details: { integration: type },
  });
}

function keyProblem(key: unknown): string | null {
  if (typeof key !== "string") return "is not a text";
  if (key === "") return "is empty";
  if (key.length > LONGEST_KEY) return `has ${key.length} characters`;
  return isStorableText(key) ? null : "holds a NUL character or half a surrogate pair";
}

function assertValue(type: string, key: string, value: unknown): void {
  const issue = jsonIssue(value);
  if (issue === null) return;
  throw new HostError({
    code: "STORAGE_VALUE_INVALID",
    message: `The value of "${key}" in the storage of integration "${type}" was not stored. ${sentence(issue)}`,
    details: { integration: type, key, issues: [issue] },
  });
}

function sentence({ field, message }: FieldIssue): string {
  return field === "" ? message : `${field}: ${message}`;
}
