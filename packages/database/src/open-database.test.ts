import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockDataDir } from "./data-dir-lock.ts";
import { openDatabase } from "./open-database.ts";

describe("a database in a folder", () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "open-database-"));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  async function copyTemplate(): Promise<void> {
    const template = process.env["TEST_PGLITE_TEMPLATE"];
    if (template !== undefined) await cp(template, join(dataDir, "pglite"), { recursive: true });
  }

  test("what was written is there after closing and opening again, under another boot id", async () => {
    await copyTemplate();
    const first = await openDatabase({ dataDir });
    await sql`create table kept as select 42 as answer`.execute(first.kysely);
    await expect(openDatabase({ dataDir })).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
    await first.close();
    const second = await openDatabase({ dataDir });
    const { rows } = await sql`select answer from kept`.execute(second.kysely);
    await second.close();
    expect(rows).toEqual([{ answer: 42 }]);
    expect(second.bootId).not.toBe(first.bootId);
  });

  test("a lock that the caller holds is used and stays the caller's", async () => {
    await copyTemplate();
    await using lock = await lockDataDir(dataDir);
    await using database = await openDatabase({ dataDir, lock });
    expect(database.engine).toBe("pglite");
    await database.close();
    await expect(lockDataDir(dataDir)).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
  });

  test("the lock of another folder is refused", async () => {
    await using lock = await lockDataDir(join(dataDir, "other"));
    await expect(openDatabase({ dataDir, lock })).rejects.toMatchObject({ code: "DATABASE_OPTIONS_INVALID" });
  });

  test("damaged files give a typed error and the lock is free again", async () => {
    await writeFile(join(dataDir, "pglite"), "a file where the folder should be");
    await expect(openDatabase({ dataDir })).rejects.toMatchObject({
      code: "DATABASE_OPEN_FAILED",
      message: expect.stringContaining(dataDir),
    });
    const lock = await lockDataDir(dataDir);
    await lock.release();
  });
});

describe("a database on a server", () => {
  test.each([
    ["postgres://user:s3cret@127.0.0.1:1/app", true],
    ["postgres://user:s3cret@no-such-host.invalid/app", true],
    ["http://user:s3cret@127.0.0.1/app", false],
    ["s3cret", false],
  ])("%s is unreachable, and the error keeps the password to itself", async (url, retryable) => {
    const error: unknown = await openDatabase({ url }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "DATABASE_UNREACHABLE", retryable });
    expect(String(error)).not.toContain("s3cret");
    expect(JSON.stringify(error)).not.toContain("s3cret");
  });

  test("a database that does not exist is named", async () => {
    const url = new URL(process.env["TEST_POSTGRES_URL"] ?? "");
    url.pathname = "/no_such_database";
    await expect(openDatabase({ url: url.href })).rejects.toMatchObject({
      code: "DATABASE_UNREACHABLE",
      retryable: false,
      message: expect.stringContaining('"no_such_database" does not exist'),
    });
  });

  test("a pool without a free connection is busy", async () => {
    const url = process.env["TEST_POSTGRES_URL"] ?? "";
    await using database = await openDatabase({ url, poolSize: 1, connectTimeoutMs: 200 });
    const long = sql`select pg_sleep(0.6)`.execute(database.kysely);
    await expect(sql`select 1`.execute(database.kysely)).rejects.toMatchObject({ code: "DATABASE_BUSY" });
    await long;
  });
});
