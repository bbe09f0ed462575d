import { testEngines } from "@core/database/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { registerWorker } from "../lease/worker-row.ts";
import { exchange } from "../task/exchange.ts";
import { RetryAfter } from "../task/task-failure.ts";
import { claimTasks } from "../testing/leases.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import type { LimitScope } from "./limit.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const MINUTE = 60_000;
const advert = { taskTypes: ["a"], dispatchTypes: [], deadAfterMs: 10 * MINUTE };

describe.each(testEngines)("a rate on %s", (engine) => {
  it("lets as many start at once as it counts, then one in each part of its time", async () => {
    const fixture = await fixtures.open(engine);
    const claim = await claimer(fixture);
    await fixture.tasks.limits.set({ type: "a", rate: { count: 3, per_ms: MINUTE } });
    await fixture.tasks.enqueueMany(Array.from({ length: 12 }, () => ({ type: "a" })));
    expect(await claim(2)).toBe(2);
    expect(await claim(10)).toBe(1);
    expect(await claim(10)).toBe(0);
    await pass(fixture, "type", 20_000);
    expect(await claim(10)).toBe(1);
    expect(await claim(10)).toBe(0);
    await pass(fixture, "type", 40_000);
    expect(await claim(10)).toBe(2);
    // However long nothing started, no more than that come at once.
    await pass(fixture, "type", 100 * MINUTE);
    expect(await claim(10)).toBe(3);
    expect(await claim(10)).toBe(0);
  });

  it("is used only by tasks that all their limits let start", async () => {
    const fixture = await fixtures.open(engine);
    const claim = await claimer(fixture);
    await fixture.tasks.limits.set({ type: "a", rate: { count: 5, per_ms: MINUTE } });
    await fixture.tasks.limits.set({ key: "k", concurrency: 1 });
    await fixture.tasks.enqueueMany(Array.from({ length: 3 }, () => ({ type: "a", limit_key: "k" })));
    expect(await claim(10)).toBe(1);
    expect(await claim(10)).toBe(0);
    await fixture.tasks.enqueueMany(Array.from({ length: 10 }, () => ({ type: "a" })));
    expect(await claim(10)).toBe(4);
  });

  it("tells when the next may start", async () => {
    const fixture = await fixtures.open(engine);
    const { store, tasks } = fixture;
    const worker = await registerWorker(store, "w", advert);
    const ask = async (limit: number): Promise<number | null> => {
      const claim = { queues: ["default"], types: ["a"], limit };
      return (await exchange(store, { worker, claim, wake: true })).nextInMs;
    };
    await tasks.limits.set({ key: "k", rate: { count: 1, per_ms: MINUTE } });
    expect(await ask(10)).toBeNull();
    await tasks.limits.set({ key: "full", concurrency: 1 });
    await tasks.enqueueMany([
      { type: "a", limit_key: "full" },
      { type: "a", limit_key: "full" },
    ]);
    expect(await ask(10)).toBeNull();
    expect(await ask(10)).toBeNull();
    await tasks.enqueueMany([
      { type: "a", limit_key: "k" },
      { type: "a", limit_key: "k" },
    ]);
    const first = await ask(10);
    expect(first).toBeGreaterThan(MINUTE / 2);
    const again = await ask(10);
    expect(again).toBeGreaterThan(MINUTE / 2);
    await pass(fixture, "key", MINUTE / 2);
    expect(await ask(10)).toBeLessThan(MINUTE / 2);
    await tasks.enqueue({ type: "a", delay_ms: 5_000 });
    expect(await ask(10)).toBeLessThan(5_001);
  });

  it("is kept by workers, who come back for the next by themselves", async () => {
    const { tasks, again } = await fixtures.open(engine);
    await tasks.limits.set({ type: "a", rate: { count: 2, per_ms: 20 } });
    await tasks.enqueueMany(Array.from({ length: 10 }, () => ({ type: "a" })));
    const workers = [1, 2].map(() =>
      again().createWorker({ handlers: { a: async () => null }, pollMs: 10 * MINUTE }),
    );
    await Promise.all(workers.map((worker) => worker.start()));
    const complete = async (): Promise<number> => (await tasks.list({ state: "complete" })).items.length;
    await expect.poll(complete, { timeout: 20_000 }).toBe(10);
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  it("begins anew when it is changed, and goes on when it is set as it was", async () => {
    const fixture = await fixtures.open(engine);
    const { limits } = fixture.tasks;
    const claim = await claimer(fixture);
    await limits.set({ queue: "default", rate: { count: 1, per_ms: MINUTE } });
    await fixture.tasks.enqueueMany(Array.from({ length: 9 }, () => ({ type: "a" })));
    expect(await claim(10)).toBe(1);
    await limits.set({ queue: "default", rate: { count: 1, per_ms: MINUTE }, concurrency: 5 });
    expect(await claim(10)).toBe(0);
    await limits.set({ queue: "default", rate: { count: 2, per_ms: MINUTE }, concurrency: 5 });
    expect(await claim(10)).toBe(2);
  });
});

describe.each(testEngines)("a handler's RetryAfter on %s", (engine) => {
  it("keeps all tasks of its key from starting, and no others, until it is over", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, makeDue } = fixture;
    const keys = ["k", "k", "l", undefined, "k"];
    await tasks.enqueueMany(
      keys.map((limit_key) => ({ type: "a", ...(limit_key !== undefined && { limit_key }) })),
    );
    const started: (string | null)[] = [];
    const worker = tasks.createWorker({
      concurrency: 1,
      handlers: {
        a: async (task) => {
          started.push(task.limit_key);
          if (started.length === 1) throw new RetryAfter(MINUTE);
        },
      },
    });
    await worker.runUntilIdle();
    expect(started).toEqual(["k", "l", null]);
    expect(await tasks.limits.list()).toEqual([]);
    await makeDue();
    await worker.runUntilIdle();
    expect(started).toEqual(["k", "l", null]);
    await pass(fixture, "key", 2 * MINUTE);
    await worker.runUntilIdle();
    expect(started).toEqual(["k", "l", null, "k", "k", "k"]);
    await worker.stop();
    // Nothing is left of it.
    const { rows } = await sql`select 1 from ${fixture.store.table("task_limit")}`.execute(fixture.store.db);
    expect(rows).toEqual([]);
  });

  it("moves the rate of its type, and no limit without a rate", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await tasks.limits.set({ type: "a", rate: { count: 100, per_ms: MINUTE } });
    await tasks.limits.set({ queue: "slow", concurrency: 1 });
    await tasks.enqueueMany([
      { type: "a" },
      { type: "a" },
      { type: "b", queue: "slow" },
      { type: "b", queue: "slow" },
    ]);
    const started: string[] = [];
    const handler = async ({ type }: { readonly type: string }): Promise<void> => {
      started.push(type);
      if (started.filter((one) => one === type).length === 1) throw new RetryAfter(MINUTE);
    };
    const worker = tasks.createWorker({
      concurrency: 1,
      queues: ["default", "slow"],
      handlers: { a: handler, b: handler },
    });
    await worker.runUntilIdle();
    expect(started).toEqual(["a", "b", "b"]);
    await pass(fixture, "type", 2 * MINUTE);
    await worker.runUntilIdle();
    expect(started).toEqual(["a", "b", "b", "a"]);
    await worker.stop();
  });
});

async function claimer({ store }: TasksFixture): Promise<(limit: number) => Promise<number>> {
  const worker = await registerWorker(store, "w", advert);
  return async (limit) =>
    (await claimTasks(store, { worker, queues: ["default"], types: ["a"], limit })).length;
}

/** As if so much time had passed since the last start. */
async function pass({ store }: TasksFixture, scope: LimitScope, ms: number): Promise<void> {
  await sql`update ${store.table("task_limit")} set free_at = free_at - ${ms}::float8 * interval '1 millisecond'
    where scope = ${scope}`.execute(store.db);
}
