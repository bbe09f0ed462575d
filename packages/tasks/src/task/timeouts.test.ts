import { testEngines } from "@core/database/testing";
import type { ManualClock } from "@core/testing";
import { createManualClock } from "@core/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import type { Worker } from "../worker/worker.ts";
import type { WorkerOptions } from "../worker/worker-options.ts";
import type { ResolveTimeout } from "./task-maker.ts";
import type { TaskInput } from "./task.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

/** For what happens at once on an idle machine. */
const patient = { timeout: 20_000 };

const types = { t: { maxRunSeconds: 30 } };

describe.each(testEngines)("how long a task may run on %s", (engine) => {
  const twenty: ResolveTimeout = () => Promise.resolve(20);
  const nothing: ResolveTimeout = () => Promise.resolve(null);
  it.each<readonly [string, TaskInput, ResolveTimeout | undefined, number]>([
    ["the task", { type: "t", max_run_seconds: 10 }, twenty, 10],
    ["resolveTimeout", { type: "t" }, twenty, 20],
    ["its type, when resolveTimeout says nothing,", { type: "t" }, nothing, 30],
    ["its type, when nobody is asked,", { type: "t" }, undefined, 30],
    ["the default, when nobody says anything,", { type: "other" }, nothing, 1_200],
  ])("is what %s says", async (_who, input, resolveTimeout, seconds) => {
    const clock = createManualClock();
    const { tasks } = await fixtures.open(engine, {
      clock,
      types,
      ...(resolveTimeout && { resolveTimeout }),
    });
    const { task } = await tasks.enqueue(input);
    expect(task.max_run_seconds).toBe(seconds);
    const run = heldRun();
    const worker = tasks.createWorker(steady({ t: run.handler, other: run.handler }));
    await worker.tick();
    await run.begun;
    await clock.elapse(seconds * 1_000 - 1);
    expect(run.reasons).toEqual([]);
    await clock.elapse(1);
    expect(run.reasons).toMatchObject([{ code: "TASK_TIMED_OUT" }]);
    run.end();
    await stopped(worker, clock);
    expect(await tasks.get(task.id)).toMatchObject({ state: "failed", failure_code: "timed_out" });
  });

  it("is read by resolveTimeout within the maker's transaction, if there is one", async () => {
    const seen: boolean[] = [];
    const { tasks, database } = await fixtures.open(engine, {
      resolveTimeout: async ({ channel_id: channel }, { trx }) => {
        seen.push(trx !== undefined);
        if (trx === undefined) return null;
        const { rows } = await sql<{ seconds: number }>`
          select seconds from channel where id = ${channel}`.execute(trx);
        return rows[0]?.seconds ?? null;
      },
    });
    const given = await database.kysely.transaction().execute(async (trx) => {
      // Nobody else can see it.
      await sql`create temp table channel (id text, seconds int) on commit drop`.execute(trx);
      await sql`insert into channel values ('c', 42)`.execute(trx);
      return [
        await tasks.enqueue({ type: "t", channel_id: "c" }, { trx }),
        ...(await tasks.enqueueMany(
          [
            { type: "t", channel_id: "c" },
            { type: "t", max_run_seconds: 5 },
          ],
          { trx },
        )),
      ];
    });
    expect(given.map(({ task }) => task.max_run_seconds)).toEqual([42, 42, 5]);
    await tasks.enqueue({ type: "t" });
    expect(seen).toEqual([true, true, false]);
  });

  it.each([0, 1.5, Number.NaN, 604_801])(
    "is refused by its field when resolveTimeout says %d",
    async (seconds) => {
      const { tasks, count } = await fixtures.open(engine, {
        resolveTimeout: () => Promise.resolve(seconds),
      });
      await expect(tasks.enqueue({ type: "t" })).rejects.toMatchObject({
        code: "TASK_INVALID",
        details: { issues: [{ field: "max_run_seconds" }] },
      });
      expect(await count("task")).toBe(0);
    },
  );
});

describe.each(testEngines)("a task that runs too long on %s", (engine) => {
  it("ends with its failure code, an error that says so and a delivery, and is not tried again", async () => {
    const { fixture, clock, run, worker, id } = await begin(engine, {
      dispatch_type: "test",
      max_attempts: 5,
    });
    await clock.elapse(30_000);
    run.end();
    await stopped(worker, clock);
    const read = await fixture.tasks.get(id);
    const message = expect.stringContaining("30 s");
    expect(read).toMatchObject({
      state: "failed",
      failure_code: "timed_out",
      attempt: 1,
      result: null,
      errors: [{ attempt: 1, code: "timed_out", message }],
      deliveries: [{ kind: "task_error" }],
    });
    expect(read?.finished_at).toBeInstanceOf(Date);
  });

  it("and ignores its signal is given up after the grace, its place is free, and its late result is dropped", async () => {
    const { fixture, clock, run, worker, id } = await begin(engine, {}, { concurrency: 1 });
    const { tasks } = fixture;
    await clock.elapse(30_999);
    expect(await tasks.get(id)).toMatchObject({ state: "running" });
    await clock.elapse(1);
    await expect.poll(async () => (await tasks.get(id))?.state, patient).toBe("failed");
    const { task: next } = await tasks.enqueue({ type: "quick" });
    await worker.runUntilIdle();
    expect(await tasks.get(next.id)).toMatchObject({ state: "complete" });

    run.end();
    await stopped(worker, clock);
    expect(await tasks.get(id)).toMatchObject({ state: "failed", failure_code: "timed_out", result: null });
    expect(worker.stats()).toMatchObject({ complete: 1, failed: 1 });
  });

  it("and gives a result within the grace has timed out all the same", async () => {
    const { fixture, clock, run, worker, id } = await begin(engine, {});
    await clock.elapse(30_500);
    run.end();
    await stopped(worker, clock);
    expect(await fixture.tasks.get(id)).toMatchObject({
      state: "failed",
      failure_code: "timed_out",
      result: null,
    });
  });

  it("lets the next of its lane go", async () => {
    const { fixture, clock, run, worker } = await begin(engine, { lane: "l" });
    const { task: next } = await fixture.tasks.enqueue({ type: "quick", lane: "l" });
    await clock.elapse(30_000);
    run.end();
    await worker.runUntilIdle();
    await stopped(worker, clock);
    expect(await fixture.tasks.get(next.id)).toMatchObject({ state: "complete" });
  });
});

interface Begun {
  readonly fixture: TasksFixture;
  readonly clock: ManualClock;
  readonly run: HeldRun;
  readonly worker: Worker;
  readonly id: string;
}

/** A task that may run for 30 s and has begun to. */
async function begin(
  engine: TasksFixture["database"]["engine"],
  input: Partial<TaskInput>,
  options: Partial<WorkerOptions> = {},
): Promise<Begun> {
  const clock = createManualClock();
  const fixture = await fixtures.open(engine, { clock, types });
  fixture.dispatchers.register("test", recordingDispatcher(), { owner: "test" });
  const { task } = await fixture.tasks.enqueue({ type: "t", ...input });
  const run = heldRun();
  const handlers = { t: run.handler, quick: async () => "quick" };
  const worker = fixture.tasks.createWorker({ ...steady(handlers), ...options });
  await worker.tick();
  await run.begun;
  return { fixture, clock, run, worker, id: task.id };
}

/** A worker whose heart does not beat while a test lets time pass. */
function steady(handlers: WorkerOptions["handlers"]): WorkerOptions {
  return { handlers, heartbeatMs: 86_400_000, deadAfterMs: 2 * 86_400_000 };
}

/** What aborted runs give up is given up by the clock. */
async function stopped(worker: Worker, clock: ManualClock): Promise<void> {
  const stop = worker.stop();
  await clock.elapse(0);
  await stop;
}

interface HeldRun {
  readonly handler: WorkerOptions["handlers"][string];
  readonly begun: Promise<void>;
  readonly reasons: unknown[];
  /** Lets the handler give its result. */
  end(): void;
}

function heldRun(): HeldRun {
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<string>();
  const reasons: unknown[] = [];
  return {
    begun: begun.promise,
    reasons,
    end: () => gate.resolve("late"),
    handler: (_task, { signal }) => {
      signal.addEventListener("abort", () => reasons.push(signal.reason));
      begun.resolve();
      return gate.promise;
    },
  };
}
