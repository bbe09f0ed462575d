import { testEngines } from "@core/database/testing";
import { silentLogger, systemClock } from "@core/registry";
import { createManualClock } from "@core/testing";
import { afterAll, describe, expect, it, vi } from "vitest";
import { registerWorker } from "../lease/worker-row.ts";
import type { TaskHandler } from "../task/task-run.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import { createFaultyDatabase } from "../testing/faulty-database.ts";
import { claimTasks, releaseTask } from "../testing/leases.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import { createStore } from "../store/store.ts";
import type { RunNotes } from "./run-notes.ts";
import { createRunNotes } from "./run-notes.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const advert = { taskTypes: ["t"], dispatchTypes: [], deadAfterMs: 15_000 };

describe.each(testEngines)("what runs say of themselves, on %s", (engine) => {
  it("is stored with the heartbeat of their worker, while they run", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const done = Promise.withResolvers<void>();
    const worker = tasks.createWorker({
      heartbeatMs: 20,
      handlers: {
        async t(_, { progress, log }) {
          progress(0.1);
          progress(0.25, "a quarter");
          log("first");
          log("second", { rows: 7 });
          await done.promise;
        },
      },
    });
    await worker.start();
    await vi.waitFor(async () => {
      expect(await tasks.get(task.id)).toMatchObject({
        state: "running",
        progress: { fraction: 0.25, message: "a quarter", run: 1, n: 2 },
        log: [
          { message: "first", run: 1, n: 3 },
          { message: "second", fields: { rows: 7 }, n: 4 },
        ],
      });
    });
    done.resolve();
    await worker.stop();
    expect((await tasks.get(task.id))?.log).toHaveLength(2);
  });

  it("is stored with the end that comes first, also of a run that fails", async () => {
    const { tasks } = await fixtures.open(engine);
    const ended = await tasks.enqueue({ type: "t", payload: "ends" });
    const failed = await tasks.enqueue({ type: "t", payload: "fails", max_attempts: 1 });
    const silent = await tasks.enqueue({ type: "t", payload: "silent" });
    await run(tasks, async ({ payload }, { progress, log }) => {
      if (payload === "silent") return;
      progress(1, "all");
      log("line");
      if (payload === "fails") throw new Error("no");
    });
    const notes = { progress: { fraction: 1, message: "all" }, log: [{ message: "line" }] };
    expect(await tasks.get(ended.task.id)).toMatchObject({ state: "complete", ...notes });
    expect(await tasks.get(failed.task.id)).toMatchObject({ errors: [{ message: "no" }], ...notes });
    expect(await tasks.get(silent.task.id)).toMatchObject({ state: "complete", progress: null, log: [] });
  });

  it("is kept when the result is refused", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    await run(tasks, async (_, { log }) => {
      log("said");
      return { big: 7n };
    });
    expect(await tasks.get(task.id)).toMatchObject({ state: "failed", log: [{ message: "said" }] });
  });

  it("is kept to the newest hundred lines, over all runs", async () => {
    const { tasks, makeDue } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t", max_attempts: 2 });
    const write: TaskHandler = async (_, { log }) => {
      for (let n = 1; n <= 60; n += 1) log(`line ${n}`);
      throw new Error("again");
    };
    await run(tasks, write);
    await makeDue();
    await run(tasks, write);
    const log = (await tasks.get(task.id))?.log ?? [];
    expect(log).toHaveLength(100);
    expect(log[0]).toMatchObject({ message: "line 21", run: 1 });
    expect(log.at(-1)).toMatchObject({ message: "line 60", run: 2 });
  });

  it("is not stored for a run whose lease is lost", async () => {
    const fixture = await fixtures.open(engine);
    const { stale, fresh } = await twoRuns(fixture);
    const notes = notesOf(fixture);
    notes.add(stale, { fraction: 0.9, message: "stale" });
    notes.add(stale, { message: "stale" });
    await notes.store(stale.lease.worker);
    expect(await fixture.tasks.get(stale.task.id)).toMatchObject({ progress: null, log: [] });

    notes.add(fresh, { fraction: 0.1, message: "fresh" });
    await notes.store(fresh.lease.worker);
    expect(await fixture.tasks.get(fresh.task.id)).toMatchObject({ progress: { message: "fresh", run: 2 } });
  });

  it("of a run that is over is dropped", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    let late = (): void => {};
    const worker = tasks.createWorker({
      handlers: {
        async t(_, { log }) {
          late = () => log("late");
        },
      },
    });
    await worker.runUntilIdle();
    late();
    await worker.stop();
    expect((await tasks.get(task.id))?.log).toEqual([]);
  });

  it("comes again with the next heartbeat when the database did not take it", async () => {
    const fixture = await fixtures.open(engine);
    const { fresh } = await twoRuns(fixture);
    const faulty = createFaultyDatabase(fixture.database);
    const notes = notesOf({ ...fixture, store: createStore(faulty.database, fixture.schema) });
    notes.add(fresh, { message: "first" });
    notes.add(fresh, { fraction: 0.5, message: null });
    faulty.fail();
    await notes.store(fresh.lease.worker);
    notes.add(fresh, { message: "second" });
    faulty.work();
    await notes.store(fresh.lease.worker);
    expect(await fixture.tasks.get(fresh.task.id)).toMatchObject({
      progress: { fraction: 0.5 },
      log: [{ message: "first" }, { message: "second" }],
    });
  });
});

describe("what runs say", () => {
  it("reaches listeners a moment later, with only the newest progress, and at once when the run ends", async () => {
    const fixture = await fixtures.open("pglite");
    const { fresh } = await twoRuns(fixture);
    const clock = createManualClock();
    const told: unknown[] = [];
    const reporter = { said: (_: ClaimedTask, notes: readonly unknown[]) => void told.push(...notes) };
    const notes = createRunNotes({ store: fixture.store, reporter, clock, logger: silentLogger });
    notes.add(fresh, { fraction: 0.1, message: null });
    notes.add(fresh, { message: "line" });
    notes.add(fresh, { fraction: 0.2, message: null });
    expect(told).toEqual([]);
    clock.advance(100);
    expect(told).toMatchObject([
      { message: "line", n: 2 },
      { fraction: 0.2, n: 3 },
    ]);
    notes.add(fresh, { fraction: 0.3, message: null });
    notes.take(fresh.lease);
    expect(told).toHaveLength(3);
    clock.advance(1_000);
    expect(told).toHaveLength(3);
  });
});

/** A run that was given back, and the next one of the same task on the same worker. */
async function twoRuns({ tasks, store }: TasksFixture): Promise<{ stale: ClaimedTask; fresh: ClaimedTask }> {
  await tasks.enqueue({ type: "t" });
  const worker = await registerWorker(store, "w", advert);
  const claim = { worker, queues: ["default"], types: ["t"], limit: 1 };
  const [stale] = await claimTasks(store, claim);
  if (stale === undefined) throw new Error("nothing claimed");
  await releaseTask(store, stale);
  const [fresh] = await claimTasks(store, claim);
  if (fresh === undefined) throw new Error("nothing claimed");
  return { stale, fresh };
}

function notesOf({ store }: Pick<TasksFixture, "store">): RunNotes {
  return createRunNotes({ store, reporter: { said: () => {} }, clock: systemClock, logger: silentLogger });
}

async function run(tasks: TasksFixture["tasks"], handler: TaskHandler): Promise<void> {
  const worker = tasks.createWorker({ handlers: { t: handler } });
  await worker.runUntilIdle();
  await worker.stop();
}
