import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockDataDir } from "@core/database";
import { silentLogger } from "@core/registry";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfiguration } from "../configuration.ts";
import { openTools } from "./open-tools.ts";
import type { ToolSource } from "./tool-source.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "open-tools-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

function open(sleep: (delayMs: number) => Promise<unknown> = nobodyWaits): Promise<ToolSource> {
  const configuration = readConfiguration({ DATA_DIR: dataDir });
  return openTools({ configuration, environment: {}, version: "1.0.0", logger: silentLogger, sleep });
}

async function nobodyWaits(): Promise<never> {
  throw new Error("It waited.");
}

test("a folder that nobody holds is worked on, and left free for a server", async () => {
  await using tools = await open();
  expect(tools).toMatchObject({ place: dataDir, tools: { length: 8 } });
  await using lock = await lockDataDir(dataDir);
  expect(lock.dir).toBe(dataDir);
});

test("a server that starts or stops is waited for", async () => {
  const lock = await lockDataDir(dataDir);
  await using tools = await open(() => lock.release());
  expect(tools.place).toBe(dataDir);
});

test("somebody who holds the folder and is no server is named in the end", async () => {
  await using lock = await lockDataDir(dataDir);
  let waitedMs = 0;
  const opening = open(async (delayMs) => (waitedMs += delayMs));
  await expect(opening).rejects.toThrow(`Process ${process.pid} uses the data folder ${lock.dir}`);
  expect(waitedMs).toBe(15_000);
});

test("a file in the place of the folder is refused at once", async () => {
  await rm(dataDir, { recursive: true });
  await writeFile(dataDir, "");
  await expect(open()).rejects.toThrow("DATA_DIR");
});
