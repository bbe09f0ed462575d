import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockDataDir } from "@core/database";
import { silentLogger } from "@core/registry";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfiguration } from "../configuration.ts";
import { listen } from "../http/listener.ts";
import { recordRunningServer } from "../running-server.ts";
import { fakeTool } from "../testing/fake-tool.ts";
import { createTestApp, TEST_KEY } from "../testing/test-app.ts";
import { mcpServerFactory } from "./mcp-server.ts";
import { openTools } from "./open-tools.ts";
import type { ToolSource } from "./tool-source.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "open-tools-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

function open(
  sleep: (delayMs: number) => Promise<unknown> = nobodyWaits,
  env: Readonly<Record<string, string>> = {},
): Promise<ToolSource> {
  const configuration = readConfiguration({ DATA_DIR: dataDir, ...env });
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

test("the settings say what is offered", async () => {
  await using tools = await open(nobodyWaits, { MCP_READ_ONLY: "true" });
  expect(tools.tools.map(({ name }) => name)).toEqual([
    "integrations_state",
    "integration_webhook_list",
    "integration_git_auto_commit_get",
  ]);
  await using others = await open(nobodyWaits, { MCP_ALLOW_URLS: "true" });
  const notify = others.tools.find(({ name }) => name === "integration_notify");
  const args = { channel: "slack", message: "Hello", webhook_url: "http://127.0.0.1/private" };
  const answer = await notify?.call(args, new AbortController());
  expect(JSON.stringify(answer)).toContain("webhook_url: 127.0.0.1 is a loopback address");
});

test("a server that holds the folder offers its tools, but not more than these settings allow", async () => {
  const tools = [
    fakeTool("writer"),
    { ...fakeTool("reader"), annotations: { ...fakeTool("").annotations, readOnlyHint: true } },
  ];
  const { app } = createTestApp({ mcp: mcpServerFactory({ tools, version: "1.0.0" }) });
  const listener = await listen({ fetch: app.fetch, host: "127.0.0.1", port: 0 });
  const lock = await lockDataDir(dataDir);
  await recordRunningServer(dataDir, listener.url);
  await writeFile(join(dataDir, "api-key"), `${TEST_KEY}\n`);
  const [all, read] = [await open(), await open(nobodyWaits, { MCP_READ_ONLY: "true" })];
  expect(all.place).toBe(`the server at ${listener.url}`);
  expect([all, read].map((source) => source.tools.map(({ name }) => name))).toEqual([
    ["writer", "reader"],
    ["reader"],
  ]);
  await lock.release();
  await listener.close(0);
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

test("a database wants the key of its servers, and none is made", async () => {
  const opening = open(nobodyWaits, { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });
  await expect(opening).rejects.toThrow("Set ENCRYPTION_KEY to that of the servers on this database.");
  expect(existsSync(join(dataDir, "encryption-key"))).toBe(false);
});

test("a file in the place of the folder is refused at once", async () => {
  await rm(dataDir, { recursive: true });
  await writeFile(dataDir, "");
  await expect(open()).rejects.toThrow("DATA_DIR");
});
