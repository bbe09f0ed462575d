import { testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { registerWorker } from "../lease/worker-row.ts";
import type { EnqueueReceipt, TaskInput } from "../task/task.ts";
import { claimTasks, completeTask } from "../testing/leases.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const advert = { taskTypes: ["a"], dispatchTypes: [], deadAfterMs: 60_000 };

describe.each(testEngines)("the strategy skip on %s", (engine) => {
  it("stores a new task as cancelled when the limit is full, and says so", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, store, dispatchers } = fixture;
    await tasks.limits.set({ type: "a", concurrency: 2, strategy: "skip" });
    const receipts = await tasks.enqueueMany(["a", "b", "a", "a", "b"].map((type) => ({ type })));
    expect(statesOf(receipts)).toEqual(["pending", "pending", "pending", "cancelled", "pending"]);
    const worker = await registerWorker(store, "w", advert);
    const [running] = await claimTasks(store, { worker, queues: ["default"], types: ["a"], limit: 1 });
    const { task: skipped, created } = await tasks.enqueue({ type: "a", payload: { n: 1 } });
    expect([skipped.state, created]).toEqual(["cancelled", true]);
    expect(await tasks.get(skipped.id)).toMatchObject({ ...skipped, finished_at: skipped.created_at });
    if (running === undefined) throw new Error("nothing claimed");
    await completeTask({ store, dispatchers, random: () => 0 }, running, null);
    expect(await statesAfter(fixture, [{ type: "a" }, { type: "a" }])).toEqual(["pending", "cancelled"]);
  });

  it("is exact however many store at once", async () => {
    const { tasks, again } = await fixtures.open(engine);
    await tasks.limits.set({ key: "k", concurrency: 3, strategy: "skip" });
    const many = [tasks, again(), again()].flatMap((one) =>
      Array.from({ length: 10 }, () => one.enqueue({ type: "a", limit_key: "k" })),
    );
    const states = statesOf(await Promise.all(many));
    expect(states.filter((state) => state === "pending")).toHaveLength(3);
    expect(states.filter((state) => state === "cancelled")).toHaveLength(27);
  });

  it("looks at each limit of a task, in any queue", async () => {
    const fixture = await fixtures.open(engine);
    await fixture.tasks.limits.set({ queue: "q", concurrency: 1, strategy: "skip" });
    await fixture.tasks.limits.set({ key: "k", concurrency: 1, strategy: "skip" });
    await fixture.tasks.limits.set({ type: "a", concurrency: 1 });
    const states = await statesAfter(fixture, [
      { type: "a", limit_key: "k" },
      { type: "b", limit_key: "k", queue: "q" },
      { type: "b", queue: "q" },
      { type: "c", queue: "q" },
      { type: "a" },
    ]);
    expect(states).toEqual(["pending", "cancelled", "pending", "cancelled", "pending"]);
  });

  it("leaves tasks alone that are for later, and those that are known already", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await tasks.limits.set({ type: "a", concurrency: 1, strategy: "skip" });
    const keyed = { type: "a", idempotency_key: "i" };
    expect(
      await statesAfter(fixture, [{ type: "a", delay_ms: 60_000 }, keyed, keyed, { type: "a" }]),
    ).toEqual(["pending", "pending", "pending", "cancelled"]);
    const skipped = await tasks.enqueue({ type: "a", dedupe: { key: "d", window_seconds: 60 } });
    expect(skipped).toMatchObject({ created: true, task: { state: "cancelled" } });
    await tasks.limits.remove({ type: "a" });
    expect(await tasks.enqueue({ type: "a", dedupe: { key: "d", window_seconds: 60 } })).toMatchObject({
      created: true,
      task: { state: "pending" },
    });
  });

  it("does not hold the lane of a task that it skips", async () => {
    const { tasks } = await fixtures.open(engine);
    await tasks.limits.set({ type: "a", concurrency: 1, strategy: "skip" });
    const receipts = await tasks.enqueueMany([
      { type: "a", lane: "one" },
      { type: "a", lane: "two" },
      { type: "b", lane: "two" },
    ]);
    expect(statesOf(receipts)).toEqual(["pending", "cancelled", "pending"]);
    const ran: string[] = [];
    const worker = tasks.createWorker({ handlers: { b: async ({ id }) => void ran.push(id) } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(ran).toEqual([receipts[2]?.task.id]);
  });
});

describe.each(testEngines)("the strategy cancel_running on %s", (engine) => {
  it("ends the oldest for a new one: those that wait at once, those that run by their signal", async () => {
    const { tasks, again } = await fixtures.open(engine);
    await tasks.limits.set({ type: "a", concurrency: 2, strategy: "cancel_running" });
    const ended: string[] = [];
    const started: string[] = [];
    // Of another process, as far as news of cancelling goes.
    const worker = again().createWorker({
      concurrency: 2,
      pollMs: 600_000,
      heartbeatMs: 600_000,
      deadAfterMs: 1_200_000,
      handlers: {
        a: async ({ title }, { signal }) => {
          started.push(title ?? "");
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          ended.push(`${title}: ${(signal.reason as { code: string }).code}`);
        },
      },
    });
    const enqueue = async (title: string): Promise<string> =>
      (await tasks.enqueue({ type: "a", title })).task.id;
    const first = [await enqueue("1"), await enqueue("2")];
    await worker.start();
    await expect.poll(() => started).toEqual(["1", "2"]);
    first.push(await enqueue("3"));
    await expect.poll(() => ended).toEqual(["1: TASK_CANCELLED"]);
    await expect.poll(() => started).toEqual(["1", "2", "3"]);
    first.push(await enqueue("4"), await enqueue("5"));
    await expect.poll(() => started.at(-1)).toBe("5");
    const states = await Promise.all(first.map(async (id) => (await tasks.get(id))?.state));
    expect(states.slice(0, 3)).toEqual(["cancelled", "cancelled", "cancelled"]);
    await worker.stop({ graceMs: 0 });
  });

  it("cancels what waits, oldest first, in one call too", async () => {
    const fixture = await fixtures.open(engine);
    await fixture.tasks.limits.set({ key: "k", concurrency: 2, strategy: "cancel_running" });
    const inputs = Array.from({ length: 5 }, () => ({ type: "a", limit_key: "k" }));
    expect(await statesAfter(fixture, inputs.slice(0, 2))).toEqual(["pending", "pending"]);
    expect(await statesAfter(fixture, [...inputs, { type: "a" }])).toEqual([
      "cancelled",
      "cancelled",
      "cancelled",
      "pending",
      "pending",
      "pending",
    ]);
    const { items } = await fixture.tasks.list({ state: "cancelled" });
    expect(items).toHaveLength(5);
  });

  it("goes on to the next of a lane that gets its turn by it", async () => {
    const fixture = await fixtures.open(engine);
    await fixture.tasks.limits.set({ type: "a", concurrency: 1, strategy: "cancel_running" });
    const lane = { type: "a", lane: "l" };
    const { task } = await fixture.tasks.enqueue({ type: "b", lane: "l" });
    await fixture.tasks.enqueueMany([lane, lane, lane]);
    await fixture.tasks.cancel(task.id);
    expect(await statesAfter(fixture, [{ type: "a" }])).toEqual(["pending"]);
    const { items } = await fixture.tasks.list({ state: "pending" });
    expect(items).toHaveLength(1);
  });
});

async function statesAfter(
  { tasks }: TasksFixture,
  inputs: readonly TaskInput[],
): Promise<readonly string[]> {
  return statesOf(await tasks.enqueueMany(inputs));
}

function statesOf(receipts: readonly EnqueueReceipt[]): readonly string[] {
  return receipts.map(({ task }) => task.state);
}
