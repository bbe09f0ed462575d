import type { Database } from "@core/database";
import type { TestEngine } from "@core/database/testing";
import { openTestDatabase, testEngines } from "@core/database/testing";
import type { Integrations } from "@core/integrations-state";
import { createMemoryStore } from "@core/integrations-state/testing";
import type { AgentRunner } from "@core/registry";
import { createRegistry, delivered, silentLogger, systemClock, textResult } from "@core/registry";
import { createTasks, NonRetryable, tasksMigrations } from "@core/tasks";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createFileLinks } from "../files/file-links.ts";
import { createServerTasks } from "../server-tasks.ts";
import type { ServerTasks } from "../server-tasks.ts";
import { memoryIntegrations } from "../testing/memory-integrations.ts";
import { EVENT_TASK_TYPE } from "./task-events.ts";
import { REGISTERED_WEBHOOK } from "./webhook-outbox.ts";

const databases: Database[] = [];
afterEach(async () => {
  for (const database of databases.splice(0)) await database.close();
});

async function emptyDatabase(engine: TestEngine): Promise<Database> {
  const database = await openTestDatabase(engine);
  databases.push(database);
  await database.migrate([tasksMigrations()]);
  return database;
}

interface Told {
  readonly event: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Scene extends ServerTasks {
  readonly database: Database;
  /** What has come to the one webhook, which listens to everything. */
  readonly told: Integrations;
  readonly arrived: Told[];
  /** What the outbox does with each event before it stores it. */
  fail: (() => void) | null;
}

const runner: AgentRunner = {
  run: async ({ prompt }) => {
    if (prompt === "fail") throw new NonRetryable("It went wrong.");
    return textResult("a private result");
  },
};

async function openScene(engine: TestEngine, listens = true): Promise<Scene> {
  const database = await emptyDatabase(engine);
  const registry = createRegistry({ integrations: [], logger: silentLogger });
  const scene: { arrived: Told[]; fail: Scene["fail"] } = { arrived: [], fail: null };
  registry.dispatchers.register(
    REGISTERED_WEBHOOK,
    {
      idempotent: true,
      target: z.object({ webhook_id: z.string() }),
      async deliver({ payload }) {
        scene.arrived.push(payload as unknown as Told);
        return delivered();
      },
    },
    { owner: "test" },
  );
  const state = memoryIntegrations();
  const parts = createServerTasks({
    database,
    registry,
    integrationsState: {
      store: state.store,
      open: (deliveries) =>
        state.open({
          sendMany: async (...message) => {
            scene.fail?.();
            return deliveries.sendMany(...message);
          },
        }),
    },
    bots: new Map(),
    links: createFileLinks({
      publicUrl: null,
      signingSecret: "whsec_dGVzdA==",
      lifetimeMs: 1,
      clock: systemClock,
    }),
    runner,
    workerId: "w",
    configuration: { agentTimeoutMs: 60_000, workerConcurrency: 4 },
    logger: silentLogger,
  });
  if (listens) await parts.told.registerWebhook({ url: "https://example.org/hook" });
  return Object.assign(scene, { ...parts, database });
}

async function done({ worker, told }: Scene): Promise<void> {
  await worker.runUntilIdle();

  await told.close();
  await worker.runUntilIdle();
}

describe.each(testEngines)("the server's own tasks on %s", (engine) => {
  it("are told once each as created and as completed, without what they were given and what came of them", async () => {
    const scene = await openScene(engine);
    const { task } = await scene.tasks.enqueue({
      prompt: "a private prompt",
      title: "Report",
      session_id: "s1",
    });
    await done(scene);
    const about = { task_id: task.id, task_type: "agent", title: "Report", session_id: "s1", reason: "api" };
    expect(scene.arrived.map(({ event }) => event).toSorted()).toEqual(["task.completed", "task.created"]);
    for (const { data } of scene.arrived) expect(data).toMatchObject(about);
    expect(JSON.stringify(scene.arrived)).not.toContain("private");
    await scene.worker.stop();
  });

  it("are told as an error when they fail, and again when they are run again and fail again", async () => {
    const scene = await openScene(engine);
    const { task } = await scene.tasks.enqueue({ prompt: "fail" });
    await scene.worker.runUntilIdle();
    await scene.tasks.retry(task.id);
    await done(scene);
    const errors = scene.arrived.filter(({ event }) => event === "error");
    expect(errors).toMatchObject(
      [1, 2].map(() => ({
        data: { task_id: task.id, error: { code: "non_retryable", message: "It went wrong." } },
      })),
    );
    expect(new Set(errors.map(({ id }) => id)).size).toBe(2);
    expect(scene.arrived.filter(({ event }) => event === "task.created")).toHaveLength(1);
    await scene.worker.stop();
  });

  it("are told before they run when nobody told of them as they were made", async () => {
    const scene = await openScene(engine);
    const others = createTasks({ database: scene.database });
    const { task } = await others.enqueue({ prompt: "by another program" });
    await done(scene);
    const created = scene.arrived.filter(({ event }) => event === "task.created");
    expect(created).toMatchObject([{ id: `task_created_${task.id}`, data: { task_id: task.id } }]);
    await scene.worker.stop();
  });

  it("are told one by one when many are made at once", async () => {
    const scene = await openScene(engine);
    await scene.tasks.enqueueMany([{ prompt: "a" }, { prompt: "b" }, { prompt: "c" }]);
    await done(scene);
    const created = scene.arrived.filter(({ event }) => event === "task.created");
    expect(new Set(created.map(({ data }) => data["task_id"])).size).toBe(3);
    expect(created).toHaveLength(3);
    await scene.worker.stop();
  });

  it("make no tasks and no deliveries where nobody listens", async () => {
    const scene = await openScene(engine, false);
    await scene.tasks.enqueue({ prompt: "quiet" });
    await done(scene);
    expect((await scene.tasks.list()).items.map(({ type }) => type)).toEqual(["agent"]);
    expect((await scene.tasks.deliveries.list()).items).toEqual([]);
    await scene.worker.stop();
  });

  it("are not hurt when events cannot be stored, and their ends are told later", async () => {
    const scene = await openScene(engine);
    let failures = 0;
    scene.fail = () => {
      failures += 1;
      throw new Error("The outbox is out of order.");
    };
    const { task } = await scene.tasks.enqueue({ prompt: "hello" });
    await scene.worker.runUntilIdle();
    expect(await scene.tasks.get(task.id)).toMatchObject({ state: "complete" });
    expect(failures).toBeGreaterThan(0);
    expect(scene.arrived).toEqual([]);
    const { items } = await scene.tasks.list({ type: EVENT_TASK_TYPE });
    expect(items).toMatchObject([{ state: "pending", attempt: 1 }]);
    scene.fail = null;
    await scene.tasks.cancel(items[0]?.id ?? "");
    await scene.tasks.retry(items[0]?.id ?? "");
    await done(scene);
    expect(scene.arrived).toMatchObject([{ event: "task.completed", data: { task_id: task.id } }]);
    await scene.worker.stop();
  });
});

it("a state that cannot be read hurts no task, and its end is told when it can", async () => {
  const database = await emptyDatabase("pglite");
  const registry = createRegistry({ integrations: [], logger: silentLogger });
  const broken = { ...createMemoryStore(), read: () => Promise.reject(new Error("no disk")) };
  const { tasks, worker } = createServerTasks({
    database,
    registry,
    integrationsState: { store: broken, open: memoryIntegrations().open },
    bots: new Map(),
    links: createFileLinks({
      publicUrl: null,
      signingSecret: "whsec_dGVzdA==",
      lifetimeMs: 1,
      clock: systemClock,
    }),
    runner,
    workerId: "w",
    configuration: { agentTimeoutMs: 60_000, workerConcurrency: 1 },
    logger: silentLogger,
  });
  const { task } = await tasks.enqueue({ prompt: "hello" });
  await worker.runUntilIdle();
  expect(await tasks.get(task.id)).toMatchObject({ state: "complete" });
  expect((await tasks.list({ type: EVENT_TASK_TYPE })).items).toMatchObject([{ state: "complete" }]);
  await worker.stop();
});
