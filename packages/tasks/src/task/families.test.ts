import { testEngines } from "@core/database/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import { registerWorker } from "../lease/worker-row.ts";
import { createIds } from "../store/new-id.ts";
import { claimTasks, settleTask } from "../testing/leases.ts";
import { keepUp } from "../worker/upkeep.ts";
import { silentLogger } from "@core/registry";
import { DEEPEST } from "./family.ts";
import { AwaitChildren, NonRetryable } from "./task-failure.ts";
import type { TaskHandler } from "./task-run.ts";
import { waiting } from "./task-end.ts";
import { taskTypeSettings } from "./task-type.ts";
import { createTasksOfEnds } from "./tasks-of-end.ts";
import type { TaskInput } from "./task.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

/** Waits for one child per number of its payload, and gives their results and states. */
const gather: TaskHandler = async ({ payload }, context) => {
  const children = await context.children();
  if (children.length === 0 && Array.isArray(payload) && payload.length > 0) {
    throw new AwaitChildren(payload.map((n): TaskInput => ({ type: "double", payload: n })));
  }
  return children.map(({ state, result }) => result ?? state);
};

const double: TaskHandler = async ({ payload }) => {
  if (payload === 13) throw new NonRetryable("Unlucky.");
  return Number(payload) * 2;
};

describe.each(testEngines)("families on %s", (engine) => {
  it("a task waits for its children without a place, and goes on with their results", async () => {
    const { tasks } = await fixtures.open(engine);
    const worker = tasks.createWorker({ handlers: { gather, double }, concurrency: 1 });
    const { task } = await tasks.enqueue({ type: "gather", payload: [1, 2, 3] });
    await worker.runUntilIdle();
    const parent = await tasks.get(task.id);
    expect(parent).toMatchObject({ state: "complete", result: [2, 4, 6], attempt: 1 });
    const { items } = await tasks.list({ parent_task_id: task.id });
    expect(items.map(({ root_task_id: root, depth }) => [root, depth])).toEqual(
      Array.from({ length: 3 }, () => [task.id, 1]),
    );
    await worker.stop();
  });

  it("is waiting in between, keeps its lane, and children in that lane do not wait for it", async () => {
    const { tasks } = await fixtures.open(engine);
    const order: unknown[] = [];
    const inLane: TaskHandler = async ({ payload }, context) => {
      order.push(payload);
      if (payload !== "parent" || (await context.children()).length > 0) return null;
      throw new AwaitChildren([{ type: "t", lane: "l", payload: "child" }]);
    };
    const parent = await tasks.enqueue({ type: "t", lane: "l", payload: "parent" });
    await tasks.enqueue({ type: "t", lane: "l", payload: "next" });
    const worker = tasks.createWorker({ handlers: { t: inLane } });
    await worker.tick();
    await expect.poll(async () => (await tasks.get(parent.task.id))?.state).toBe("waiting");
    await worker.runUntilIdle();
    expect(order).toEqual(["parent", "child", "parent", "next"]);
    await worker.stop();
  });

  it("goes on after children that fail or are cancelled, which it can see", async () => {
    const { tasks } = await fixtures.open(engine);
    const worker = tasks.createWorker({ handlers: { gather } });
    const { task } = await tasks.enqueue({ type: "gather", payload: [1, 13, 5] });
    await worker.runUntilIdle();
    expect((await tasks.get(task.id))?.state).toBe("waiting");
    const { items } = await tasks.list({ parent_task_id: task.id });
    expect(await tasks.cancel(items[2]?.id ?? "")).toBe("cancelled");
    const doubling = tasks.createWorker({ handlers: { double } });
    await doubling.runUntilIdle();
    await worker.runUntilIdle();
    expect((await tasks.get(task.id))?.result).toEqual(["cancelled", "failed", 10]);
    await Promise.all([worker.stop(), doubling.stop()]);
  });

  it("goes on at once when the last child to live is cancelled", async () => {
    const { tasks } = await fixtures.open(engine);
    const worker = tasks.createWorker({ handlers: { gather } });
    const { task } = await tasks.enqueue({ type: "gather", payload: [1] });
    await worker.runUntilIdle();
    const { items } = await tasks.list({ parent_task_id: task.id });
    await tasks.cancel(items[0]?.id ?? "");
    expect((await tasks.get(task.id))?.state).toBe("pending");
    await worker.runUntilIdle();
    expect((await tasks.get(task.id))?.result).toEqual(["cancelled"]);
    await worker.stop();
  });

  it("waits for children that were enqueued before as well", async () => {
    const { tasks } = await fixtures.open(engine);
    const enqueuing: TaskHandler = async ({ id }, context) => {
      const children = await context.children();
      if (children.length > 0) return children.map(({ result }) => result);
      await tasks.enqueue({ type: "double", payload: 4, parent_task_id: id });
      throw new AwaitChildren();
    };
    const worker = tasks.createWorker({ handlers: { enqueuing, double } });
    const { task } = await tasks.enqueue({ type: "enqueuing" });
    await worker.runUntilIdle();
    expect((await tasks.get(task.id))?.result).toEqual([8]);
    await worker.stop();
  });

  it("fails the run when a child cannot be made, and stores none of them", async () => {
    const { tasks } = await fixtures.open(engine);
    const wrong: TaskHandler = () =>
      Promise.reject(new AwaitChildren([{ type: "double" }, { type: "t", lane: "" }]));
    const worker = tasks.createWorker({ handlers: { wrong } });
    const { task } = await tasks.enqueue({ type: "wrong", max_attempts: 1 });
    await worker.runUntilIdle();
    expect(await tasks.get(task.id)).toMatchObject({ state: "failed", errors: [{ code: "TASK_INVALID" }] });
    expect((await tasks.list({ parent_task_id: task.id })).items).toEqual([]);
    await worker.stop();
  });

  it("stores the children once when the answer is lost and the end is told again", async () => {
    const { tasks, store, dispatchers } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "gather" });
    const worker = await registerWorker(store, "w", {
      taskTypes: [],
      dispatchTypes: [],
      deadAfterMs: 60_000,
    });
    const [claimed] = await claimTasks(store, { worker, queues: ["default"], types: ["gather"], limit: 1 });
    if (claimed === undefined) throw new Error("Nothing was claimed.");
    const making = { newId: createIds(), dispatchers, settingsOf: taskTypeSettings };
    const ends = createTasksOfEnds({ store, making, followUps: undefined, logger: silentLogger });
    const end = await ends.withChildren(claimed, waiting(claimed), [{ type: "double" }, { type: "double" }]);
    expect(await settleTask(store, claimed, end)).toBe("waiting");
    expect(await settleTask(store, claimed, end)).toBe("waiting");
    expect((await tasks.list({ parent_task_id: task.id })).items).toHaveLength(2);
  });

  it("loses no last child, however closely ends and waits meet", async () => {
    const { tasks, again } = await fixtures.open(engine);
    const parents = await tasks.enqueueMany(
      Array.from({ length: 60 }, () => ({ type: "gather", payload: [1, 2, 3] })),
    );
    const workers = [tasks, again()].map((own) => own.createWorker({ handlers: { gather, double } }));
    await Promise.all(workers.map((worker) => worker.runUntilIdle()));
    await workers[0]?.runUntilIdle();
    for (const { task } of parents) expect((await tasks.get(task.id))?.result).toEqual([2, 4, 6]);
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  it("cancels a whole family", async () => {
    const { tasks } = await fixtures.open(engine);
    const worker = tasks.createWorker({ handlers: { gather } });
    const { task: root } = await tasks.enqueue({ type: "gather", payload: [1, 2] });
    const { task: other } = await tasks.enqueue({ type: "double", payload: 3 });
    await worker.runUntilIdle();
    expect(await tasks.cancelAll({ root_task_id: root.id })).toBe(3);
    expect((await tasks.get(root.id))?.state).toBe("cancelled");
    const { items } = await tasks.list({ root_task_id: root.id });
    expect(items.map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
    expect((await tasks.get(other.id))?.state).toBe("pending");
    expect(await tasks.cancelAll({ root_task_id: "nobody" })).toBe(0);
    await worker.stop();
  });

  it("knows root and depth, and refuses a parent that does not exist and families that go too deep", async () => {
    const { tasks } = await fixtures.open(engine);
    const stranger = "01900000-0000-7000-8000-000000000000";
    await expect(tasks.enqueue({ type: "t", parent_task_id: stranger })).rejects.toMatchObject({
      code: "TASK_INVALID",
      details: { issues: [{ field: "parent_task_id", message: expect.stringContaining(stranger) }] },
    });
    const { task: root } = await tasks.enqueue({ type: "t" });
    expect(root).toMatchObject({ root_task_id: root.id, depth: 0, parent_task_id: null });
    let parent = root;
    for (let depth = 1; depth <= DEEPEST; depth += 1) {
      ({ task: parent } = await tasks.enqueue({ type: "t", parent_task_id: parent.id }));
      expect(parent).toMatchObject({ root_task_id: root.id, depth });
    }
    expect(await tasks.get(parent.id)).toMatchObject({ root_task_id: root.id, depth: DEEPEST });
    await expect(tasks.enqueue({ type: "t", parent_task_id: parent.id })).rejects.toMatchObject({
      code: "TASK_INVALID",
    });
  });

  it("goes on by the upkeep when its children were deleted by hand", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const worker = tasks.createWorker({ handlers: { gather } });
    const { task } = await tasks.enqueue({ type: "gather", payload: [1] });
    await worker.runUntilIdle();
    await sql`delete from ${store.table("task")} where parent_task_id = ${task.id}`.execute(store.db);
    await keepUp(store, silentLogger);
    expect((await tasks.get(task.id))?.state).toBe("pending");
    await worker.stop();
  });
});
