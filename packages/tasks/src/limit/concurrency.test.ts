import { testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import type { TaskInput } from "../task/task.ts";
import type { Tasks } from "../tasks.ts";
import type { RunWatch } from "../testing/run-watch.ts";
import { createRunWatch } from "../testing/run-watch.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const TASKS = 300;

describe.each(testEngines)("three workers on %s", (engine) => {
  it("never run more tasks of a type at once than its limit, and run all", async () => {
    const fixture = await fixtures.open(engine);
    await fixture.tasks.limits.set({ type: "a", concurrency: 3 });
    const watch = await runAll(fixture, (n) => ({ type: n % 2 === 0 ? "a" : "b" }));
    expect(watch.most("type:a")).toBe(3);
    expect(watch.most("type:b")).toBeGreaterThan(3);
  });

  it("never run more tasks of a queue at once than its limit, and run all", async () => {
    const fixture = await fixtures.open(engine);
    await fixture.tasks.limits.set({ queue: "slow", concurrency: 2 });
    const watch = await runAll(fixture, (n) => ({
      type: n % 3 === 0 ? "b" : "a",
      queue: n % 2 === 0 ? "slow" : "default",
    }));
    expect(watch.most("queue:slow")).toBe(2);
    expect(watch.most("queue:default")).toBeGreaterThan(2);
  });

  it("never run more tasks of a key at once than its limit, in whatever queues and types, and run all", async () => {
    const fixture = await fixtures.open(engine);
    await fixture.tasks.limits.set({ key: "one", concurrency: 1 });
    await fixture.tasks.limits.set({ key: "two", concurrency: 2 });
    const keys = ["one", "two", "free"];
    const watch = await runAll(fixture, (n) => ({
      type: n % 2 === 0 ? "a" : "b",
      queue: n % 4 < 2 ? "slow" : "default",
      limit_key: keys[n % 3] ?? "",
    }));
    expect(watch.most("key:one")).toBe(1);
    expect(watch.most("key:two")).toBe(2);
    expect(watch.most("key:free")).toBeGreaterThan(2);
  });

  it("keep to all limits of a task at once", async () => {
    const fixture = await fixtures.open(engine);
    await fixture.tasks.limits.set({ type: "a", concurrency: 5 });
    await fixture.tasks.limits.set({ queue: "slow", concurrency: 4 });
    for (const key of ["k0", "k1", "k2"]) await fixture.tasks.limits.set({ key, concurrency: 2 });
    const watch = await runAll(fixture, (n) => ({
      type: n % 3 === 0 ? "b" : "a",
      queue: n % 2 === 0 ? "slow" : "default",
      ...(n % 5 > 0 && { limit_key: `k${n % 7}` }),
    }));
    expect(watch.most("type:a")).toBeLessThanOrEqual(5);
    expect(watch.most("queue:slow")).toBeLessThanOrEqual(4);
    for (const key of ["k0", "k1", "k2"]) expect(watch.most(`key:${key}`)).toBeLessThanOrEqual(2);
    expect(watch.most("key:k3")).toBeGreaterThan(0);
  });

  it("keep to a limit in lanes, whose order it does not change", async () => {
    const fixture = await fixtures.open(engine);
    await fixture.tasks.limits.set({ type: "a", concurrency: 2 });
    const watch = await runAll(fixture, (n) => ({ type: "a", lane: `lane${n % 5}`, payload: n }));
    expect(watch.most("type:a")).toBe(2);
    for (let lane = 0; lane < 5; lane += 1) {
      const places = watch.started
        .filter((task) => task.lane === `lane${lane}`)
        .map(({ payload }) => payload);
      expect(places).toEqual(places.toSorted((a, b) => Number(a) - Number(b)));
    }
  });

  it("keep to a limit that changes while they run", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    const watch = createRunWatch();
    let most = Number.POSITIVE_INFINITY;
    let running = 0;
    const seen: string[] = [];
    const stop = await start(fixture, async (task, context) => {
      running += 1;
      if (running > most) seen.push(`${running} of ${most}`);
      await watch.handler(task, context);
      running -= 1;
    });
    await tasks.enqueueMany(Array.from({ length: TASKS }, () => ({ type: "a" })));
    for (const [done, concurrency] of [
      [20, 4],
      [100, 8],
      [150, 1],
      [170, 6],
    ] as const) {
      await expect.poll(() => watch.started.length, { interval: 1, timeout: 20_000 }).toBeGreaterThan(done);
      await tasks.limits.set({ type: "a", concurrency });
      // A lower limit ends nobody's run.
      await expect.poll(() => running, { interval: 1, timeout: 20_000 }).toBeLessThanOrEqual(concurrency);
      most = concurrency;
    }
    await allComplete(tasks, TASKS);
    await stop();
    expect(seen).toEqual([]);
  });
});

async function runAll(fixture: TasksFixture, input: (n: number) => TaskInput): Promise<RunWatch> {
  const watch = createRunWatch();
  const stop = await start(fixture, watch.handler);
  const inputs = Array.from({ length: TASKS }, (_, n) => input(n));
  await fixture.tasks.enqueueMany(inputs.slice(0, TASKS / 2));
  for (const one of inputs.slice(TASKS / 2)) await fixture.tasks.enqueue(one);
  await allComplete(fixture.tasks, TASKS);
  await stop();
  return watch;
}

async function start(fixture: TasksFixture, handler: RunWatch["handler"]): Promise<() => Promise<void>> {
  const workers = [1, 2, 3].map(() =>
    fixture
      .again()
      .createWorker({ queues: ["default", "slow"], handlers: { a: handler, b: handler }, pollMs: 100 }),
  );
  await Promise.all(workers.map((worker) => worker.start()));
  return async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
  };
}

async function allComplete(tasks: Tasks, count: number): Promise<void> {
  const complete = async (): Promise<number> => {
    let cursor: string | undefined;
    let found = 0;
    do {
      const page = await tasks.list({
        state: "complete",
        limit: 100,
        ...(cursor !== undefined && { cursor }),
      });
      found += page.items.length;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return found;
  };
  await expect.poll(complete, { interval: 50, timeout: 30_000 }).toBe(count);
}
