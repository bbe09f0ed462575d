import { afterEach, describe, expect, it } from "vitest";
import { openEvents } from "../testing/event-source.ts";
import { eventually } from "../testing/eventually.ts";
import type { ServerProcess, ServerProcessOptions } from "../testing/server-process.ts";
import { makeDataDir, startServerProcess } from "../testing/server-process.ts";
import { readTask } from "../testing/task-view.ts";

const servers: ServerProcess[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.dispose();
});

describe("stopping a server", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("ends an idle one in order at %s", async (signal) => {
    const server = await start();
    expect(await server.kill(signal)).toEqual({ code: 0, signal: null });
    expect(server.output()).not.toMatch(/error/i);
  });

  it("ends the streams of events that clients read, without waiting for the grace", async () => {
    const server = await start({ env: { SHUTDOWN_GRACE_SECONDS: "60" } });
    const client = await openEvents(`${server.url}/api/v1/events`, {
      authorization: `Bearer ${server.apiKey}`,
    });
    const response = await server.request("/api/v1/tasks", { prompt: "x" });
    const { id } = (await response.json()) as { id: string };
    expect((await client.until("task.completed")).data).toMatchObject({ task_id: id, task_type: "agent" });
    expect(await server.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    await client.ended;
  });

  it("waits for work that ends within the grace", async () => {
    const dataDir = await makeDataDir();
    const server = await start({ dataDir, env: sleeping(0.4) });
    const id = await begin(server);
    expect(await server.kill("SIGTERM")).toMatchObject({ code: 0 });
    const next = await start({ dataDir });
    expect(await readTask(next, id)).toMatchObject({
      status: "complete",
      attempt: 1,
      result: { text: "done" },
    });
  });

  it("hands work back that takes longer than the grace, without costing an attempt", async () => {
    const dataDir = await makeDataDir();
    const server = await start({ dataDir, env: { ...sleeping(60), SHUTDOWN_GRACE_SECONDS: "0" } });
    const id = await begin(server);
    expect(await server.kill("SIGTERM")).toMatchObject({ code: 0 });
    const next = await start({ dataDir, env: sleeping(0) });
    const done = await eventually(async () => {
      const task = await readTask(next, id);
      return task.status === "complete" ? task : null;
    });
    expect(done.attempt).toBe(1);
  });

  it("stops at once at a second signal", async () => {
    const server = await start({ env: sleeping(60) });
    await begin(server);
    void server.kill("SIGTERM");
    await eventually(() => server.output().includes("The server stops"));
    // Two signals within half a second count as one.
    const again = setInterval(() => void server.kill("SIGTERM"), 300);
    expect(await server.exited).toMatchObject({ code: 1 });
    clearInterval(again);
  });
});

describe("one data folder", () => {
  it("is refused to a second server, which says who holds it", async () => {
    const first = await start();
    const second = startServerProcess({ dataDir: first.dataDir });
    await expect(second).rejects.toThrow(new RegExp(`${first.pid}`));
    await expect(second).rejects.toThrow(/DATA_DIR/);
  });

  it("is free at once when its server was killed with -9", async () => {
    const first = await start();
    await first.kill("SIGKILL");
    const second = await start({ dataDir: first.dataDir });
    expect((await second.request("/health")).status).toBe(200);
  });
});

async function start(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const server = await startServerProcess(options);
  servers.push(server);
  return server;
}

function sleeping(seconds: number): Record<string, string> {
  return { AGENT: "command", AGENT_COMMAND: `sh -c "sleep ${seconds}; echo done"` };
}

async function begin(server: ServerProcess): Promise<string> {
  const response = await server.request("/api/v1/tasks", { prompt: "x" });
  const { id } = (await response.json()) as { id: string };
  await eventually(async () => (await readTask(server, id)).status === "running");
  return id;
}
