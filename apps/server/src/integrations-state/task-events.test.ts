import type { TestEngine } from "@core/database/testing";
import { testEngines } from "@core/database/testing";
import { createMemoryStore } from "@core/integrations-state/testing";
import { silentLogger } from "@core/registry";
import { createTasks, NonRetryable } from "@core/tasks";
import { afterEach, describe, expect, it } from "vitest";
import type { EventScene, EventSceneOptions } from "../testing/event-scene.ts";
import { openEventScene } from "../testing/event-scene.ts";
import { EVENT_TASK_TYPE, eventsOfEnds } from "./end-events.ts";

const scenes: EventScene[] = [];
afterEach(async () => {
  for (const { database } of scenes.splice(0)) await database.close();
});

async function openScene(engine: TestEngine, options?: EventSceneOptions): Promise<EventScene> {
  const scene = await openEventScene(engine, options);
  scenes.push(scene);
  return scene;
}

async function done({ worker, told }: EventScene): Promise<void> {
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

  it("are told as created with their failure when they were killed before they could run", async () => {
    const scene = await openScene(engine);
    const others = createTasks({
      database: scene.database,
      followUps: eventsOfEnds({ store: scene.store, logger: silentLogger }),
    });
    const { task } = await others.enqueue({ prompt: "x" });
    const dying = others.createWorker({
      handlers: { agent: () => Promise.reject(new NonRetryable("It was killed again and again.")) },
    });
    await dying.runUntilIdle();
    await dying.stop();
    await done(scene);
    expect(scene.arrived.map(({ event, data }) => [event, data["task_id"]])).toEqual([
      ["task.created", task.id],
      ["error", task.id],
    ]);
    await scene.worker.stop();
  });

  it("make no tasks and no deliveries where nobody listens", async () => {
    const scene = await openScene(engine, { listens: false });
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
    expect(scene.arrived).toMatchObject(
      ["task.created", "task.completed"].map((event) => ({ event, data: { task_id: task.id } })),
    );
    await scene.worker.stop();
  });
});

it("a state that cannot be read hurts no task, and its end is told when it can", async () => {
  const store = { ...createMemoryStore(), read: () => Promise.reject(new Error("no disk")) };
  const scene = await openScene("pglite", { store });
  const { task } = await scene.tasks.enqueue({ prompt: "hello" });
  await scene.worker.runUntilIdle();
  expect(await scene.tasks.get(task.id)).toMatchObject({ state: "complete" });
  expect((await scene.tasks.list({ type: EVENT_TASK_TYPE })).items).toMatchObject([{ state: "complete" }]);
  await scene.worker.stop();
});
