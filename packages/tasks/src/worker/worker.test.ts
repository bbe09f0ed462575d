import { testEngines } from "@core/database/testing";
import type { LogFields, Logger } from "@core/registry";
import { silentLogger } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { createManualClock } from "@core/testing";
import { createFaultyDatabase } from "../testing/faulty-database.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import { NonRetryable } from "../task/task-failure.ts";
import { createTasks } from "../create-tasks.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const circle: Record<string, unknown> = {};
circle["self"] = circle;

describe.each(testEngines)("a handler on %s", (engine) => {
  it.each([
    ["a BigInt", { sum: 1n }],
    ["a circle", circle],
  ])("that gives back %s ends its task with an error that says so", async (_what, value) => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const worker = tasks.createWorker({ handlers: { t: async () => value } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({
      state: "failed",
      failure_code: "non_retryable",
      errors: [{ code: "result_refused", message: expect.stringContaining("could not be stored") }],
    });
  });

  it("whose result the database refuses ends its task with an error", async () => {
    const { tasks, store } = await fixtures.open(engine);
    await sql`alter table ${store.table("body")} add check (length(content::text) < 1000)`.execute(store.db);
    const { task } = await tasks.enqueue({ type: "t" });
    const worker = tasks.createWorker({ handlers: { t: async () => "x".repeat(1_000) } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "failed", errors: [{ code: "result_refused" }] });
  });

  it("that gives nothing back has the result null", async () => {
    const { tasks, count } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const worker = tasks.createWorker({ handlers: { t: async () => undefined } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", result: null });
    expect(await count("body")).toBe(0);
  });

  it("that throws before it returns a promise, whatever it throws, has failed", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t", max_attempts: 1 });
    const worker = tasks.createWorker({
      handlers: {
        t: () => {
          throw Object.assign(Object.create(null), { odd: true });
        },
      },
    });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({
      state: "failed",
      failure_code: "exhausted",
      errors: [{ code: "Error" }],
    });
  });

  it("leaves tasks of other types to other workers", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "other" });
    const worker = tasks.createWorker({ handlers: { t: async () => "x" } });
    expect(await worker.tick()).toBe(0);
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "pending", attempt: 0 });
  });
});

describe("a worker", () => {
  it.each([
    [
      "throws",
      (): never => {
        throw new Error("listener");
      },
    ],
    ["rejects", () => Promise.reject(new Error("listener"))],
  ])("goes on when onTaskSettled %s", async (_how, onTaskSettled) => {
    const { logger, errors } = recordingLogger();
    const { tasks, again } = await fixtures.open("pglite");
    await tasks.enqueue({ type: "t" });
    const worker = again({ logger }).createWorker({ handlers: { t: async () => "x" }, onTaskSettled });
    await worker.runUntilIdle();
    await worker.stop();
    expect(errors).toMatchObject([{ message: "onTaskSettled failed.", err: { message: "listener" } }]);
  });

  it("never has more in hand than it may, however many rounds overlap", async () => {
    const { tasks } = await fixtures.open("pglite");
    for (let n = 0; n < 10; n += 1) await tasks.enqueue({ type: "t" });
    const gate = Promise.withResolvers<void>();
    let running = 0;
    const worker = tasks.createWorker({
      concurrency: 3,
      handlers: {
        t: async () => {
          running += 1;
          await gate.promise;
        },
      },
    });
    const started = await Promise.all([worker.tick(), worker.tick(), worker.tick()]);
    expect(started).toEqual([3, 0, 0]);
    expect(running).toBe(3);
    gate.resolve();
    await worker.stop();
  });

  it("started twice at the same time works once", async () => {
    const { logger, infos } = recordingLogger();
    const { again } = await fixtures.open("pglite");
    const worker = again({ logger }).createWorker({ handlers: {} });
    await Promise.all([worker.start(), worker.start()]);
    await worker.start();
    await worker.stop();
    expect(infos).toEqual(["The worker has started.", "The worker has stopped."]);
  });

  it("may be started again when the first try found no database", async () => {
    const { database, schema, dispatchers } = await fixtures.open("pglite");
    const faulty = createFaultyDatabase(database);
    const tasks = createTasks({ database: faulty.database, schema, dispatchers });
    const { task } = await tasks.enqueue({ type: "t" });
    const settled = Promise.withResolvers<string>();
    const worker = tasks.createWorker({
      handlers: { t: async () => "x" },
      onTaskSettled: ({ id }) => settled.resolve(id),
    });
    faulty.fail();
    await expect(worker.start()).rejects.toThrow("The connection is lost.");
    faulty.work();
    await worker.start();
    await expect(settled.promise).resolves.toBe(task.id);
    await worker.stop();
  });

  it("that is stopped before it is started does nothing", async () => {
    const { tasks, count } = await fixtures.open("pglite");
    await tasks.enqueue({ type: "t" });
    const worker = tasks.createWorker({ handlers: { t: async () => "x" } });
    await worker.stop();
    await worker.start();
    expect(await worker.tick()).toBe(0);
    expect(await count("worker")).toBe(0);
  });

  it("that is stopped while it starts leaves before the stop ends", async () => {
    const { tasks, store } = await fixtures.open("pglite");
    const worker = tasks.createWorker({ handlers: {} });
    const starting = worker.start();
    await worker.stop();
    await starting;
    const { rows } = await sql<{ alive: boolean }>`
      select alive_until > clock_timestamp() as alive from ${store.table("worker")}`.execute(store.db);
    expect(rows).toEqual([{ alive: false }]);
  });

  it("that is stopped in the middle of a round ends what that round has claimed", async () => {
    const { tasks } = await fixtures.open("pglite");
    const { task } = await tasks.enqueue({ type: "t" });
    const worker = tasks.createWorker({ handlers: { t: async () => "x" } });
    await worker.tick();
    const second = await tasks.enqueue({ type: "t" });
    const round = worker.tick();
    await Promise.resolve();
    await Promise.resolve();
    await worker.stop();
    await round;
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete" });
    expect((await tasks.get(second.task.id))?.state).not.toBe("running");
    expect(await worker.tick()).toBe(0);
  });

  it("ends every call of stop with the same stop", async () => {
    const { tasks } = await fixtures.open("pglite");
    await tasks.enqueue({ type: "t" });
    const gate = Promise.withResolvers<void>();
    const worker = tasks.createWorker({ handlers: { t: () => gate.promise } });
    await worker.tick();
    let ended = 0;
    const stops = [worker.stop(), worker.stop()].map((stop) => stop.then(() => (ended += 1)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(0);
    gate.resolve();
    await Promise.all(stops);
  });

  it.each(["fail", "hang"] as const)("stops in bounded time when all queries %s for good", async (mode) => {
    const { database, schema, dispatchers, tasks: reader } = await fixtures.open("pglite");
    const faulty = createFaultyDatabase(database);
    const clock = createManualClock(0);
    const { logger, errors } = recordingLogger();
    const tasks = createTasks({ database: faulty.database, schema, dispatchers, clock, logger });
    const { task } = await tasks.enqueue({ type: "t" });
    const gate = Promise.withResolvers<string>();
    const worker = tasks.createWorker({
      workerId: "w",
      heartbeatMs: 20_000,
      deadAfterMs: 60_000,
      handlers: { t: () => gate.promise },
    });
    await worker.tick();
    faulty[mode]();
    gate.resolve("never stored");
    let hasStopped = false;
    const stop = worker.stop({ graceMs: 1_000 }).then(() => (hasStopped = true));
    await clock.elapse(5_999);
    expect(hasStopped).toBe(false);
    await clock.elapse(1);
    await stop;
    expect(errors.at(-1)).toMatchObject({ message: expect.stringContaining("recovered like after a crash") });
    await clock.elapse(10_000);
    expect(clock.pending()).toBe(0);

    faulty.work();
    expect(await reader.get(task.id)).toMatchObject({ state: "running", attempt: 1 });
    const next = reader.createWorker({ workerId: "w", handlers: { t: async () => "second" } });
    await next.runUntilIdle();
    await next.stop();
    expect(await reader.get(task.id)).toMatchObject({ state: "complete", attempt: 2, result: "second" });
  });

  it.each([
    ["complete", async (): Promise<string> => "kept"],
    ["failed", (): Promise<string> => Promise.reject(new NonRetryable("No."))],
  ] as const)("tells once of a task that is stored as %s, though the answer was lost", async (state, end) => {
    const { database, schema, dispatchers } = await fixtures.open("pglite");
    const faulty = createFaultyDatabase(database);
    const clock = createManualClock(0);
    const tasks = createTasks({ database: faulty.database, schema, dispatchers, clock });
    const { task } = await tasks.enqueue({ type: "t" });
    const gate = Promise.withResolvers<void>();
    const told: string[] = [];
    const worker = tasks.createWorker({
      handlers: { t: () => gate.promise.then(end) },
      onTaskSettled: (_task, how) => void told.push(how),
    });
    await worker.tick();
    faulty.lose();
    gate.resolve();
    await expect.poll(async () => (await tasks.get(task.id))?.state).toBe(state);
    faulty.work();
    await clock.elapse(1_000);
    await expect.poll(() => told).toEqual([state]);
    expect(worker.stats().leasesLost).toBe(0);
    await worker.stop();
  });

  it("keeps a result over an outage of the database that is shorter than its lease", async () => {
    const { database, schema, dispatchers } = await fixtures.open("pglite");
    const faulty = createFaultyDatabase(database);
    const clock = createManualClock(0);
    const tasks = createTasks({ database: faulty.database, schema, dispatchers, clock });
    const { task } = await tasks.enqueue({ type: "t" });
    const gate = Promise.withResolvers<string>();
    const settled = Promise.withResolvers<void>();
    const worker = tasks.createWorker({
      handlers: { t: () => gate.promise },
      onTaskSettled: () => settled.resolve(),
    });
    await worker.tick();
    faulty.fail();
    gate.resolve("kept");
    await clock.elapse(1_000);
    faulty.work();
    await clock.elapse(5_000);
    await settled.promise;
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", result: "kept", attempt: 1 });
    await worker.stop();
  });
});

interface LogLine extends LogFields {
  readonly message: string;
}

function recordingLogger(): {
  readonly logger: Logger;
  readonly errors: LogLine[];
  readonly infos: string[];
} {
  const errors: LogLine[] = [];
  const infos: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    error: (fields, message) => void errors.push({ ...fields, message }),
    info: (_fields, message) => void infos.push(message),
    child: () => logger,
  };
  return { logger, errors, infos };
}
