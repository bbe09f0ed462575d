import { rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { procTable } from "./processes/process-table.ts";
import { runToEnd } from "./testing/ended-process.ts";
import { eventually } from "./testing/eventually.ts";
import type { ServerProcess } from "./testing/server-process.ts";
import { makeDataDir, startServerProcess } from "./testing/server-process.ts";

describe("a start that cannot succeed", () => {
  test("lists every mistake of the configuration and ends with 1", async () => {
    const { code, stdout, stderr } = await runToEnd({
      PORT: "http",
      AGENT: "command",
      DATABASE_URL: "mysql://u:hunter22@db",
    });
    expect([code, stdout]).toEqual([1, ""]);
    expect(
      stderr
        .trim()
        .split("\n")
        .map((line) => line.trim().split(":")[0]),
    ).toEqual(["The configuration is not valid", "PORT", "DATABASE_URL", "AGENT_COMMAND"]);
    expect(stderr).not.toContain("hunter22");
  });

  test("tells a variable that is written almost right", async () => {
    const { code, stderr } = await runToEnd({ AGENT: "command", AGENT_COMAND: "cat" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/AGENT_COMAND is not read\. Did you mean AGENT_COMMAND\?\n$/);
  });

  test("names the database without its password", async () => {
    const dataDir = await makeDataDir();
    const DATABASE_URL = "postgres://app:hunter22@127.0.0.1:1/app";
    const { code, stdout, stderr } = await runToEnd({ PORT: "0", DATA_DIR: dataDir, DATABASE_URL });
    expect([code, stderr.trim().split("\n").length]).toEqual([1, 1]);
    expect(stderr).toContain("127.0.0.1:1/app");
    expect(stdout + stderr).not.toContain("hunter22");
    await rm(dataDir, { recursive: true });
  });

  test.each([
    [
      "an agent's program that is not there",
      { AGENT: "command", AGENT_COMMAND: "no-such-agent --fast" },
      "AGENT_COMMAND",
    ],
    ["a data folder that is a file", { DATA_DIR: fileURLToPath(import.meta.url) }, "DATA_DIR"],
    [
      "a repository that is not there",
      { GIT_AUTO_COMMIT_REPOSITORY: "/no/such/folder" },
      "GIT_AUTO_COMMIT_REPOSITORY",
    ],
  ])("says in one line which variable names %s", async (_title, env, variable) => {
    const dataDir = await makeDataDir();
    const { code, stdout, stderr } = await runToEnd({ PORT: "0", DATA_DIR: dataDir, ...env });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(new RegExp(`^${variable}: .*\\n$`));
    await rm(dataDir, { recursive: true });
  });

  test("refuses an unknown argument with the help, and knows --version behind a leading --", async () => {
    const refused = await runToEnd({}, ["--port", "1"]);
    const version = await runToEnd({}, ["--", "--version"]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("Usage: server")]);
    expect([version.code, version.stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });

  test("says in one line that the port is in use, and still shows the key it has made", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as AddressInfo;
    const dataDir = await makeDataDir();
    const { code, stdout, stderr } = await runToEnd({ PORT: String(port), DATA_DIR: dataDir });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `Port ${port} of 127.0.0.1 is in use. Stop the program that uses it, or choose another: PORT=${port + 1}.\n`,
    );
    expect(stdout).toMatch(/API key {3}ai_\S+ {2}\(shown only now/);
    blocker.close();
    await rm(dataDir, { recursive: true });
  });
});

describe("a running server", () => {
  let server: ServerProcess;

  beforeAll(async () => {
    server = await startServerProcess({ env: { SHUTDOWN_GRACE_SECOND: "1" } });
  });
  afterAll(() => server.dispose());

  test("shows its new key once, in a line that works", async () => {
    expect(server.output().split(server.apiKey)).toHaveLength(3);
    expect(server.output()).toContain(
      `curl ${server.url}/api/v1/tasks -H "Authorization: Bearer ${server.apiKey}"`,
    );
    const task = (await (await server.request("/api/v1/tasks", { prompt: "Hello" })).json()) as {
      id: string;
    };
    const done = await eventually(async () => {
      const read = (await (await server.request(`/api/v1/tasks/${task.id}`)).json()) as { status: string };
      return read.status === "complete" && read;
    });
    expect(done).toMatchObject({ result: { text: "Hello" } });
  });

  test("shows where it is before any work is taken up", () => {
    expect(server.output()).toMatch(/listens on [\s\S]*The worker has started[\s\S]*The server is ready/);
    expect(server.output()).toContain(
      "SHUTDOWN_GRACE_SECOND is not read. Did you mean SHUTDOWN_GRACE_SECONDS?",
    );
  });

  test("is the only one on its data folder", async () => {
    const { code, stderr } = await runToEnd({ PORT: "0", DATA_DIR: server.dataDir });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^The data folder \\S+ is in use by process ${server.pid} .*\\n$`));
  });

  test("answers 413 to a body of 10 MB over a real connection", async () => {
    const headers = { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" };
    const response = await fetch(`${server.url}/api/v1/tasks`, {
      method: "POST",
      headers,
      body: "x".repeat(10_000_000),
    });
    expect(response.status).toBe(413);
  });

  test("stops at TERM with 0, though a connection is kept alive, and shows no key at the next start", async () => {
    const agent = new Agent({ keepAlive: true });
    await new Promise((resolve, reject) => {
      request(`${server.url}/health`, { agent }, (response) => response.resume().once("end", resolve))
        .once("error", reject)
        .end();
    });
    expect(await server.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    agent.destroy();
    await using next = await startServerProcess({ dataDir: server.dataDir });
    expect(next.apiKey).toBe(server.apiKey);
    expect(next.output()).not.toContain(server.apiKey);
    expect(next.output()).toContain("/api-key");
  });
});

describe.runIf(process.platform === "linux")("a server with a command agent", () => {
  const env = {
    AGENT: "command",
    AGENT_COMMAND: `["sh", "-c", "trap '' TERM; echo $$ >&2; env; exec sleep 60"]`,
    SHUTDOWN_GRACE_SECONDS: "0",
  };

  test("hands a running task back at TERM and leaves no process behind", async () => {
    await using server = await startServerProcess({ env });
    const sleeper = await startSleeper(server);
    expect(await server.kill("SIGINT")).toEqual({ code: 0, signal: null });
    expect(procTable.read(sleeper)).toBeNull();
    await using next = await startServerProcess({ dataDir: server.dataDir, env: { AGENT: "echo" } });
    await eventually(async () => {
      const { items } = (await (await next.request("/api/v1/tasks")).json()) as {
        items: { status: string; attempt: number }[];
      };
      return items[0]?.status === "complete" && items[0].attempt === 1;
    });
  });

  test("killed outright takes its agent along, which never saw the server's secrets", async () => {
    await using server = await startServerProcess({ env: { ...env, API_KEY: "operators-own-key" } });
    const sleeper = await startSleeper(server);
    expect(procTable.environment(sleeper).join("\n")).not.toContain("operators-own-key");
    await server.kill("SIGKILL");
    await eventually(() => procTable.read(sleeper) === null);
  });
});

/** Posts a task and finds the process that runs it. */
async function startSleeper(server: ServerProcess): Promise<number> {
  await server.request("/api/v1/tasks", { prompt: "wait" });
  const isChild = (pid: number): boolean => procTable.read(pid)?.parentPid === server.pid && isSleep(pid);
  return eventually(() => procTable.pids().find(isChild));
}

function isSleep(pid: number): boolean {
  return procTable.read(pid)?.command.join(" ") === "sleep 60";
}
