import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "@core/database";
import type { Client } from "@modelcontextprotocol/client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrationSets } from "../migration-sets.ts";
import { connectOverStdio, stdioProgram } from "../testing/mcp-clients.ts";
import { createServerDatabase } from "../testing/server-database.ts";
import { makeDataDir, startServerProcess } from "../testing/server-process.ts";

let dataDir: string;
const clients: Client[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "mcp-stdio-"));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function connect(env: Readonly<Record<string, string>> = {}): Promise<Client> {
  const { client } = await connectOverStdio({ DATA_DIR: dataDir, ...env }, "2026-07-28");
  clients.push(client);
  return client;
}

async function register(client: Client, url: string): Promise<unknown> {
  const { structuredContent } = await client.callTool({
    name: "integration_webhook_register",
    arguments: { url },
  });
  return structuredContent;
}

async function countWebhooks(client: Client): Promise<number> {
  const { structuredContent } = await client.callTool({ name: "integration_webhook_list", arguments: {} });
  return (structuredContent as { webhooks: unknown[] }).webhooks.length;
}

describe("without a server, server mcp", () => {
  test("works on the state in the data folder, beside others that do", async () => {
    const [one, other] = await Promise.all([connect(), connect()]);
    await Promise.all([
      register(one, "https://one.example.com/"),
      register(other, "https://other.example.com/"),
    ]);
    expect(await Promise.all([countWebhooks(one), countWebhooks(other)])).toEqual([2, 2]);
    const file = join(dataDir, "state", "integrations.json");
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ version: 1, webhooks: { length: 2 } });
    expect((await stat(join(dataDir, "encryption-key"))).mode & 0o777).toBe(0o600);
    // The first start of a server shows the key that it makes.
    expect(existsSync(join(dataDir, "api-key"))).toBe(false);
  });

  test("works in the database of the servers, with their key", async () => {
    const database = await createServerDatabase("postgres");
    const opened = await openDatabase({ url: database.env["DATABASE_URL"] ?? "" });
    await opened.migrate(migrationSets());
    const client = await connect({ ...database.env, ENCRYPTION_KEY: Buffer.alloc(32).toString("base64") });
    expect(await register(client, "https://one.example.com/")).toMatchObject({ created: true });
    expect(existsSync(join(dataDir, "state"))).toBe(false);
    await client.close();
    await opened.close();
    await database.dispose();
  });
});

test("a server may start and stop beside server mcp, and both see what the other does", async () => {
  await rm(dataDir, { recursive: true });
  dataDir = await makeDataDir();
  const before = await connect();
  await register(before, "https://before.example.com/");
  await using server = await startServerProcess({ dataDir });
  const during = await connect();
  await register(before, "https://still.example.com/");
  expect(await register(during, "https://during.example.com/")).toMatchObject({ created: true });
  expect(await Promise.all([countWebhooks(before), countWebhooks(during)])).toEqual([3, 3]);

  await server.kill("SIGKILL");
  expect(await register(during, "https://after.example.com/")).toMatchObject({ created: true });
  expect(await Promise.all([countWebhooks(before), countWebhooks(during)])).toEqual([4, 4]);
}, 60_000);

describe("server mcp ends with 0, having printed nothing but the protocol,", () => {
  test.each([["its input ends", null] as const, ["INT", "SIGINT"] as const, ["TERM", "SIGTERM"] as const])(
    "when %s",
    async (_reason, signal) => {
      const child = spawn(process.execPath, [...stdioProgram], {
        env: { PATH: process.env["PATH"], DATA_DIR: dataDir, LOG_LEVEL: "debug" },
        stdio: ["pipe", "pipe", "pipe"],
      });
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      let output = "";
      child.stderr.resume();
      const answered = new Promise<void>((resolve) => {
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          output += text;
          if (output.endsWith("\n")) resolve();
        });
      });
      child.stdin.write(`${JSON.stringify(initialize)}\n`);
      await answered;
      if (signal === null) child.stdin.end();
      else child.kill(signal);
      expect(await ended).toBe(0);
      expect(JSON.parse(output)).toMatchObject({ id: 1, result: { serverInfo: { name: "agent-server" } } });
    },
  );
});

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1.0.0" } },
};
