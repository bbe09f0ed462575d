import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockDataDir } from "@core/database";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EndedProcess } from "../testing/ended-process.ts";
import { runToEnd } from "../testing/ended-process.ts";
import { eventually } from "../testing/eventually.ts";
import type { ServerDatabase } from "../testing/server-database.ts";
import { createServerDatabase } from "../testing/server-database.ts";
import type { ServerProcess } from "../testing/server-process.ts";
import { makeDataDir, startServerProcess } from "../testing/server-process.ts";

const unknownId = "01900000-0000-7000-8000-000000000000";

/** Answers with the prompt, but breaks on "break". */
const script = {
  scenes: [{ prompt: "break", steps: [{ error: "broken" }] }, { steps: [{ text: "{{prompt}}" }] }],
};

let folder: string;
let agent: Readonly<Record<string, string>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "commands-"));
  const file = join(folder, "script.json");
  await writeFile(file, JSON.stringify(script));
  agent = { AGENT: "script", AGENT_SCRIPT: file };
});
afterAll(() => rm(folder, { recursive: true }));

describe("commands beside a server on the embedded database", () => {
  let server: ServerProcess;
  const outputs: string[] = [];
  const run = (...args: readonly string[]): Promise<EndedProcess> => runWith({}, ...args);
  const runWith = async (
    env: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ): Promise<EndedProcess> => {
    const ended = await runToEnd({ DATA_DIR: server.dataDir, ...env }, args);
    outputs.push(ended.stdout, ended.stderr);
    return ended;
  };

  beforeAll(async () => {
    server = await startServerProcess({ env: agent });
  });
  afterAll(() => server.dispose());

  test("see its tasks, as tables and as JSON", async () => {
    const id = await endedTask(server, "hello", "complete");
    const [table, list, show, stats] = await Promise.all([
      run("tasks", "list"),
      run("tasks", "list", "--status", "complete", "--limit", "1", "--json"),
      run("tasks", "show", id, "--json"),
      run("tasks", "stats", "--json"),
    ]);
    expect([table, list, show, stats].map(({ code, stderr }) => [code, stderr])).toEqual(
      Array.from({ length: 4 }, () => [0, ""]),
    );
    const [titles, line] = table.stdout.split("\n");
    expect(titles).toMatch(/^ID +STATUS +TYPE +QUEUE +TRIES +AGE +ABOUT$/);
    expect(line).toMatch(new RegExp(`^${id} {2}complete +agent +default +1/3 +\\d+(?:\\.\\d)? m?s +hello$`));
    expect(JSON.parse(list.stdout)).toMatchObject({ items: [{ id, status: "complete" }] });
    expect(JSON.parse(show.stdout)).toMatchObject({ id, result: { text: "hello" }, deliveries: [] });
    expect(JSON.parse(stats.stdout)).toMatchObject({ workers: [{ alive: true }] });
  });

  test("retry and redrive what failed", async () => {
    const id = await endedTask(server, "break", "failed");
    const retried = await run("tasks", "retry", id);
    expect([retried.code, retried.stdout]).toEqual([0, `${id}: runs again\n`]);
    await eventually(async () => (await readTask(server, id)).errors.length === 2);
    await endedTask(server, "break", "failed");
    const redriven = await run("tasks", "redrive", "--failure-code", "non_retryable", "--json");
    expect([redriven.code, JSON.parse(redriven.stdout)]).toEqual([0, { retried: 2 }]);
    await eventually(async () => (await readTask(server, id)).errors.length === 3);
  });

  test("say what cannot be done, and end with the code for it", async () => {
    const id = await endedTask(server, "done", "complete");
    const [complete, unknown, both, absent, wrong] = await Promise.all([
      run("tasks", "retry", id),
      run("tasks", "cancel", unknownId),
      run("tasks", "retry", id, unknownId, "--json"),
      run("tasks", "show", "42"),
      run("tasks", "list", "--status", "faild"),
    ]);
    expect([complete.code, complete.stderr]).toEqual([1, expect.stringContaining("make a new task")]);
    expect([unknown.code, unknown.stdout]).toEqual([3, ""]);
    expect([both.code, JSON.parse(both.stdout)]).toEqual([
      3,
      {
        tasks: [
          { id, answer: "complete" },
          { id: unknownId, answer: "unknown" },
        ],
      },
    ]);
    expect([absent.code, absent.stderr]).toEqual([3, expect.stringContaining("There is no task 42.")]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('Did you mean "failed"?')]);
  });

  test("cancel what is planned, once", async () => {
    const response = await server.request("/api/v1/tasks", {
      prompt: "later",
      scheduled_at: "2190-01-01T00:00:00Z",
    });
    const { id } = (await response.json()) as { id: string };
    const first = await run("tasks", "cancel", id);
    const second = await run("tasks", "cancel", id);
    expect([first.code, first.stdout]).toEqual([0, `${id}: is cancelled\n`]);
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("has ended")]);
    expect(await readTask(server, id)).toMatchObject({ status: "cancelled" });
  });

  test("remove what has ended", async () => {
    const id = await endedTask(server, "old", "complete");
    const refused = await run("tasks", "prune");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("--older-than 30d")]);
    const pruned = await run("tasks", "prune", "--older-than", "0s", "--status", "complete");
    expect([pruned.code, pruned.stdout]).toEqual([0, expect.stringMatching(/^\d+ tasks? pruned\.\n$/)]);
    expect((await run("tasks", "show", id)).code).toBe(3);
  });

  test("leave its tables to it", async () => {
    const [migrate, check] = await Promise.all([run("db", "migrate"), run("db", "check")]);
    expect([migrate.code, migrate.stderr]).toEqual([1, expect.stringMatching(/at its start\. Restart it/)]);
    expect([check.code, check.stderr]).toEqual([1, expect.stringContaining("stop it first")]);
  });

  test("with another key are told which to set, and no key is ever shown", async () => {
    const refused = await runWith({ API_KEY: "a-key-of-somebody-else" }, "tasks", "list");
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toMatch(/^The server at \S+ does not take this key\. Set API_KEY/);
    const shown = outputs.join("\n");
    expect(shown).not.toContain(server.apiKey);
    expect(shown).not.toContain("a-key-of-somebody-else");
  });
});

describe("commands where a server on the embedded database has ended", () => {
  test.each(["SIGTERM", "SIGKILL"] as const)("by %s open the folder themselves", async (signal) => {
    await using server = await startServerProcess({ env: agent });
    const id = await endedTask(server, "break", "failed");
    await server.kill(signal);
    expect(existsSync(join(server.dataDir, "server.json"))).toBe(signal === "SIGKILL");
    const env = { DATA_DIR: server.dataDir };
    const show = await runToEnd(env, ["tasks", "show", id, "--json"]);
    expect([show.code, JSON.parse(show.stdout)]).toEqual([
      0,
      expect.objectContaining({ id, status: "failed" }),
    ]);
    expect(await runToEnd(env, ["tasks", "retry", id])).toMatchObject({ code: 0 });
    const check = await runToEnd(env, ["db", "check", "--json"]);
    expect([check.code, JSON.parse(check.stdout)]).toEqual([0, expect.objectContaining({ missing: [] })]);
    await using next = await startServerProcess({ dataDir: server.dataDir, env: agent });
    await eventually(async () => (await readTask(next, id)).errors.length === 2);
  });

  test("find that what its API acknowledged survived its end", async () => {
    await using server = await startServerProcess({ env: agent });
    const id = await endedTask(server, "break", "failed");
    expect((await server.request(`/api/v1/tasks/${id}/retry`, {})).status).toBe(200);
    await server.kill("SIGKILL");
    const show = await runToEnd({ DATA_DIR: server.dataDir }, ["tasks", "show", id, "--json"]);
    const { status, errors } = JSON.parse(show.stdout) as TaskView;
    expect(status === "failed" && errors.length === 1).toBe(false);
  });

  test("are not misled by what a killed one left behind", async () => {
    await using server = await startServerProcess();
    await server.kill("SIGKILL");
    const lock = await lockDataDir(server.dataDir);
    const { code, stderr } = await runToEnd({ DATA_DIR: server.dataDir }, ["tasks", "list"]);
    await lock.release();
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^Process ${process.pid} uses the data folder .* no server listens`));
  });

  test("make no database where there is none", async () => {
    const { code, stderr } = await runToEnd({ DATA_DIR: join(folder, "nowhere") }, ["tasks", "list"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("There is no database in")]);
    expect(existsSync(join(folder, "nowhere"))).toBe(false);
  });

  test("migrate an embedded database that is there", async () => {
    const dataDir = await makeDataDir();
    const env = { DATA_DIR: dataDir };
    if (process.env["TEST_PGLITE_TEMPLATE"] !== undefined) {
      const early = await runToEnd(env, ["tasks", "stats"]);
      expect([early.code, early.stderr]).toEqual([1, expect.stringContaining("server db migrate")]);
    }
    expect(await runToEnd(env, ["db", "migrate"])).toMatchObject({ code: 0 });
    expect(await runToEnd(env, ["tasks", "list"])).toMatchObject({
      code: 0,
      stdout: "There are no such tasks.\n",
    });
    await rm(dataDir, { recursive: true });
  });
});

describe("commands on Postgres", () => {
  let database: ServerDatabase;
  beforeAll(async () => {
    database = await createServerDatabase("postgres");
  });
  afterAll(() => database.dispose());

  test("migrate, and act in the database beside its server", async () => {
    const run = (...args: readonly string[]): Promise<EndedProcess> =>
      runToEnd({ DATA_DIR: join(folder, "unused"), ...database.env }, args);
    const [before, tooEarly] = [await run("db", "check"), await run("tasks", "list")];
    expect([before.code, before.stdout]).toEqual([
      1,
      expect.stringMatching(/@core\/tasks +0001-engine +missing/),
    ]);
    expect([tooEarly.code, tooEarly.stderr]).toEqual([1, expect.stringContaining("server db migrate")]);
    const migrated = await run("db", "migrate");
    expect([migrated.code, migrated.stdout]).toEqual([
      0,
      expect.stringContaining("@core/tasks: 0001-engine\n"),
    ]);
    expect((await run("db", "migrate")).stdout).toContain("@core/tasks: nothing to do\n");
    expect((await run("db", "check")).code).toBe(0);

    await using server = await startServerProcess({ env: { ...agent, ...database.env } });
    const id = await endedTask(server, "break", "failed");
    expect((await run("tasks", "redrive", "--since", "1h")).stdout).toBe("1 task retried.\n");
    await eventually(async () => (await readTask(server, id)).errors.length === 2);
    const list = await run("tasks", "list", "--failure-code", "non_retryable", "--json");
    expect(JSON.parse(list.stdout)).toMatchObject({ items: [{ id }] });
    // Without the address of the database its server is asked.
    const show = await runToEnd({ DATA_DIR: server.dataDir, API_KEY: server.apiKey }, ["tasks", "show", id]);
    expect([show.code, show.stdout]).toEqual([0, expect.stringContaining(id)]);
    expect(existsSync(join(folder, "unused"))).toBe(false);
  });

  test("print the script of all migrations without a database", async () => {
    const { code, stdout } = await runToEnd({}, ["db", "sql"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^begin;[\s\S]*-- @core\/tasks \/ 0001-engine[\s\S]*commit;\n$/);
  });

  test("name a database that does not answer, without its password", async () => {
    const DATABASE_URL = "postgres://app:hunter22@127.0.0.1:1/app";
    const { code, stdout, stderr } = await runToEnd({ DATABASE_URL }, ["tasks", "stats"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("127.0.0.1:1/app");
    expect(stderr).not.toContain("hunter22");
  });
});

interface TaskView {
  readonly status: string;
  readonly errors: readonly unknown[];
}

async function readTask(server: ServerProcess, id: string): Promise<TaskView> {
  return (await (await server.request(`/api/v1/tasks/${id}`)).json()) as TaskView;
}

/** Makes a task and waits for its end. */
async function endedTask(server: ServerProcess, prompt: string, status: string): Promise<string> {
  const { id } = (await (await server.request("/api/v1/tasks", { prompt })).json()) as { id: string };
  await eventually(async () => (await readTask(server, id)).status === status);
  return id;
}
