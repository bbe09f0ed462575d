import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { makeScratchFolder } from "../testing/files/scratch-folder.ts";
import { startStateChild } from "../testing/files/state-child.ts";
import { createSqliteMutex } from "./sqlite-mutex.ts";

const holderOf = (path: string): string => `
  const held = await createSqliteMutex().tryAcquire(${JSON.stringify(path)});
  say(held === null ? "refused" : "held");
  setInterval(() => held, 1000);`;

it("has one holder at a time, also within one process", async () => {
  using folder = makeScratchFolder();
  const path = folder.at("lock.db");
  const first = await createSqliteMutex().tryAcquire(path);
  expect(first).not.toBeNull();
  const other = createSqliteMutex();
  expect(await other.tryAcquire(path)).toBeNull();
  await first?.release();
  const second = await other.tryAcquire(path);
  expect(second).not.toBeNull();
  await second?.release();
});

it("keeps other processes out, and is free at once when its holder is killed with -9", async () => {
  using folder = makeScratchFolder();
  const path = folder.at("lock.db");
  await using holder = startStateChild(holderOf(path));
  expect(await holder.line()).toBe("held");
  const mutex = createSqliteMutex();
  expect(await mutex.tryAcquire(path)).toBeNull();
  await holder.kill();
  const held = await mutex.tryAcquire(path);
  expect(held).not.toBeNull();
  await held?.release();
});

it("leaves one empty file that only its owner may open", async () => {
  using folder = makeScratchFolder();
  const path = folder.at("lock.db");
  const held = await createSqliteMutex().tryAcquire(path);
  expect(readdirSync(folder.path)).toEqual(["lock.db"]);
  expect([statSync(path).mode & 0o777, statSync(path).size]).toEqual([0o600, 0]);
  await held?.release();
  expect(readdirSync(folder.path)).toEqual(["lock.db"]);
});

it("refuses a file that is something else, and leaves it as it is", async () => {
  using folder = makeScratchFolder();
  const path = folder.at("lock.db");
  writeFileSync(path, "This is no database but somebody's text.".repeat(100));
  const size = statSync(path).size;
  await expect(createSqliteMutex().tryAcquire(path)).rejects.toThrow(/not a database/);
  expect(statSync(path).size).toBe(size);
  expect(existsSync(`${path}-journal`)).toBe(false);
});
