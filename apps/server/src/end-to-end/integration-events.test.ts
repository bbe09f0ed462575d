import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testEngines } from "@core/database/testing";
import { verifyAmsSignature, verifyWebhook } from "@core/outbound";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import type { ReceivedRequest, Receiver } from "../testing/receiver.ts";
import { startReceiver } from "../testing/receiver.ts";
import type { ServerDatabase } from "../testing/server-database.ts";
import { createServerDatabase } from "../testing/server-database.ts";
import type { ServerProcess } from "../testing/server-process.ts";
import { startServerProcess } from "../testing/server-process.ts";
import { readTask } from "../testing/task-view.ts";

const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;

interface Told {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

describe.each(testEngines)("from an agent to webhooks and commits on %s", (engine) => {
  let database: ServerDatabase;
  let receiver: Receiver;
  let folder: string;
  let server: ServerProcess;

  beforeEach(async () => {
    database = await createServerDatabase(engine);
    receiver = await startReceiver();
    folder = await mkdtemp(join(tmpdir(), "events-"));
    execFileSync("git", ["init", "--quiet", folder]);
  });
  afterEach(async () => {
    await server.dispose();
    await receiver.close();
    await database.dispose();
    await rm(folder, { recursive: true });
  });

  async function start(tools: readonly object[], dataDir?: string): Promise<void> {
    const script = join(folder, "script.json");
    await writeFile(script, JSON.stringify({ scenes: [{ steps: [...tools, { text: "Done." }] }] }));
    server = await startServerProcess({
      ...(dataDir !== undefined && { dataDir }),
      env: {
        ...database.env,
        AGENT: "script",
        AGENT_SCRIPT: script,
        OUTBOUND_ALLOW: "127.0.0.0/8",
        GIT_AUTO_COMMIT_REPOSITORY: folder,
      },
    });
  }

  async function listen(events: readonly string[]): Promise<void> {
    const answer = await server.request("/api/v1/integrations/webhooks", {
      url: receiver.url,
      events,
      secret,
    });
    expect(answer.status).toBe(201);
  }

  async function post(): Promise<string> {
    const answer = await server.request("/api/v1/tasks", { prompt: "go", title: "The task" });
    return ((await answer.json()) as { id: string }).id;
  }

  const told = (): readonly Told[] => receiver.requests.map(({ body }) => JSON.parse(body) as Told);

  it("a tool call becomes a verified event and a commit", { timeout: 60_000 }, async () => {
    await start([{ tool: "audit_session_end", args: { summary: "Wrote the report" }, result: { files: 1 } }]);
    await listen(["session.end"]);
    const set = await fetch(`${server.url}/api/v1/integrations/git-auto-commit`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ enabled: true }),
    });
    expect(await set.json()).toMatchObject({ enabled: true });
    await writeFile(join(folder, "report.txt"), "the agent's work\n");
    await post();

    const [request] = await receiver.received(1);
    expectSigned(request);
    expect(told()).toMatchObject([
      {
        event: "session.end",
        data: { tool_name: "audit_session_end", summary: "Wrote the report", files: 1 },
      },
    ]);
    const subject = (): string =>
      execFileSync("git", ["-C", folder, "log", "--format=%s"], { encoding: "utf8", stdio: "pipe" });
    const commit = await eventually(() => {
      try {
        return subject();
      } catch {
        return null;
      }
    });
    expect(commit).toBe("session.end: Wrote the report\n");
    expect(execFileSync("git", ["-C", folder, "status", "--porcelain"], { encoding: "utf8" })).toBe("");
    expect(receiver.requests).toHaveLength(1);
  });

  it(
    "a task is told once, also when a tool says that it made or completed it",
    { timeout: 60_000 },
    async () => {
      await start([]);
      await listen(["task.created", "task.completed", "task.sync"]);
      const known = await post();
      await receiver.received(2);
      const { dataDir } = server;
      await server.kill("SIGTERM");
      await start(
        [
          { tool: "task_create", result: { task_id: known } },
          { tool: "task_update", args: { task_id: known, status: "done" } },
          { tool: "task_create", result: { task_id: "elsewhere-7" } },
          { tool: "task_sync_to_gsd" },
        ],
        dataDir,
      );
      const second = await post();
      await receiver.received(6);
      await eventually(async () => (await readTask(server, second)).status === "complete");
      const events = told().map(({ event, data }) => `${event} ${textOf(data["task_id"])}`.trim());
      expect(events.toSorted()).toEqual(
        [
          `task.completed ${known}`,
          `task.completed ${second}`,
          "task.created elsewhere-7",
          `task.created ${known}`,
          `task.created ${second}`,
          "task.sync",
        ].toSorted(),
      );
      await rm(dataDir, { recursive: true });
    },
  );

  it("a kill -9 loses no event of a task, and tells none twice", { timeout: 120_000 }, async () => {
    await start([{ delay_ms: 50 }]);
    await listen(["task.created", "task.completed", "error"]);
    const { dataDir } = server;
    const ids: string[] = [];
    for (const waitMs of [0, 40, 80, 160]) {
      ids.push(...(await Promise.all([post(), post(), post()])));
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      await server.kill("SIGKILL");
      await start([{ delay_ms: 50 }], dataDir);
    }
    // A request whose answer was lost in a kill comes again, with the same id.
    const unique = (): readonly Told[] => {
      const bodies = new Map(receiver.requests.map(({ headers, body }) => [headers["webhook-id"], body]));
      return [...bodies.values()].map((body) => JSON.parse(body) as Told);
    };
    await eventually(() => unique().length >= ids.length * 2, 60_000);
    const of = (isIt: (event: string) => boolean): readonly string[] =>
      unique()
        .flatMap(({ event, data }) => (isIt(event) ? [textOf(data["task_id"])] : []))
        .toSorted(byText);
    expect(of((event) => event === "task.created")).toEqual(ids.toSorted(byText));
    // One that was killed three times while it ran has failed.
    expect(of((event) => event !== "task.created")).toEqual(ids.toSorted(byText));
    await server.kill("SIGKILL");
    await rm(dataDir, { recursive: true });
  });
});

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function expectSigned(request: ReceivedRequest | undefined): void {
  if (request === undefined) throw new Error("Nothing came.");
  const { headers, body } = request;
  verifyWebhook({ headers, rawBody: body, secrets: [secret] });
  expect(verifyAmsSignature(body, secret, String(headers["x-ams-signature"]))).toBe(true);
}
