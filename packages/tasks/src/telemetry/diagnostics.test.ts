import { testEngines } from "@core/database/testing";
import { retryable } from "@core/registry";
import { createManualClock, createRecordingLogger } from "@core/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { Snooze } from "../task/task-failure.ts";
import type { TaskHandler } from "../task/task-run.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import type { DiagnosticAttributes, Diagnostics } from "./diagnostics.ts";
import { diagnosticsTelemetry } from "./diagnostics.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

type Told = readonly [kind: string, name: unknown, attributes: DiagnosticAttributes];

function recording(): Required<Diagnostics> & {
  readonly told: Told[];
  names(kind: string): readonly unknown[];
} {
  const told: Told[] = [];
  return {
    told,
    names: (kind) => told.filter(([one]) => one === kind).map(([, name]) => name),
    emitMetric: (name, _value, attributes) => void told.push(["metric", name, attributes]),
    emitEvent: (name, attributes) => void told.push(["event", name, attributes]),
    emitError: (error, attributes) => void told.push(["error", error, attributes]),
  };
}

describe.each(testEngines)("diagnostics on %s", (engine) => {
  it("tell of a task's way: enqueued, started, tried again, ended, delivered", async () => {
    const { again, dispatchers, makeDue } = await fixtures.open(engine);
    const answers = [retryable({ code: "busy", message: "Later." })];
    dispatchers.register(
      "chat",
      recordingDispatcher(() => answers.pop() ?? { status: "delivered", externalIds: [] }),
      { owner: "test" },
    );
    const diagnostics = recording();
    const tasks = again({ diagnostics });
    const { task } = await tasks.enqueue({ type: "t", dispatch_type: "chat", dispatch_config: {} });
    const failures = [new Error("first")];
    const worker = tasks.createWorker({
      handlers: {
        async t() {
          const failure = failures.pop();
          if (failure !== undefined) throw failure;
          return "done";
        },
      },
    });
    for (let round = 1; round <= 3; round += 1) {
      await worker.runUntilIdle();
      await makeDue();
    }
    await worker.stop();
    expect(diagnostics.names("event")).toEqual([
      "task.enqueued",
      "task.started",
      "task.ended",
      "task.started",
      "task.ended",
      "delivery.attempted",
      "delivery.attempted",
    ]);
    expect(diagnostics.names("metric")).toEqual([
      "task.enqueued",
      "task.pick_up_ms",
      "task.run_ms",
      "task.retried",
      "task.pick_up_ms",
      "task.run_ms",
      "delivery.attempt_ms",
      "delivery.attempt_ms",
    ]);
    const about = { task_id: task.id, type: "t", queue: "default" };
    const ends = diagnostics.told
      .filter(([, name]) => name === "task.ended")
      .map(([, , attributes]) => attributes);
    expect(ends).toEqual([
      { ...about, attempt: 1, outcome: "retry", error_type: "Error" },
      { ...about, attempt: 2, outcome: "complete", error_type: null },
    ]);
    expect(diagnostics.told.filter(([kind]) => kind === "error")).toEqual([
      [
        "error",
        expect.objectContaining({ message: "first" }),
        { operation: "process", ...about, attempt: 1 },
      ],
    ]);
  });

  it("tell how each run ended", async () => {
    const { again } = await fixtures.open(engine);
    const diagnostics = recording();
    const tasks = again({ diagnostics });
    const types = ["refused", "snoozed", "cancelled", "handed back"];
    const [, , wanted] = await tasks.enqueueMany(types.map((type) => ({ type })));
    const untilAborted: TaskHandler = (_task, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    const worker = tasks.createWorker({
      handlers: {
        refused: async () => 1n,
        snoozed: () => Promise.reject(new Snooze(60_000)),
        cancelled: untilAborted,
        "handed back": untilAborted,
      },
    });
    await worker.start();
    await expect
      .poll(() => diagnostics.names("event").filter((name) => name === "task.started"))
      .toHaveLength(4);
    await tasks.cancel(wanted?.task.id ?? "");
    await expect
      .poll(() => diagnostics.names("event").filter((name) => name === "task.ended"))
      .toHaveLength(3);
    await worker.stop({ graceMs: 0 });
    const ends = diagnostics.told.filter(([, name]) => name === "task.ended");
    const told = Object.fromEntries(
      ends.map(([, , { type, outcome, error_type }]) => [type, [outcome, error_type]]),
    );
    expect(told).toEqual({
      refused: ["failed", "result_refused"],
      snoozed: ["returned", null],
      cancelled: ["cancelled", null],
      "handed back": ["returned", null],
    });
    expect(diagnostics.names("error")).toHaveLength(1);
  });

  it("tell of a lost lease, and of a run that was taken back", async () => {
    const { again, store } = await fixtures.open(engine);
    const diagnostics = recording();
    const tasks = again({ diagnostics });
    await tasks.enqueue({ type: "t" });
    const ended = Promise.withResolvers<void>();
    const slow = tasks.createWorker({ workerId: "slow", handlers: { t: () => ended.promise } });
    await slow.tick();
    await sql`update ${store.table("worker")} set alive_until = now() - interval '1 second'`.execute(
      store.db,
    );
    const other = tasks.createWorker({ workerId: "other", handlers: {} });
    await other.tick();
    expect(diagnostics.names("metric")).toContain("task.recovered");
    expect(diagnostics.names("metric")).not.toContain("task.lease_lost");
    ended.resolve();
    await slow.runUntilIdle();
    expect(diagnostics.names("metric")).toContain("task.lease_lost");
    await Promise.all([slow.stop(), other.stop()]);
  });

  it("that throw or reject are logged, and the queue goes on", async () => {
    const logger = createRecordingLogger();
    const { again } = await fixtures.open(engine);
    const diagnostics: Diagnostics = {
      emitMetric() {
        throw new Error("broken");
      },
      emitEvent: () => Promise.reject(new Error("broken")),
    };
    const tasks = again({ diagnostics, logger });
    const { task } = await tasks.enqueue({ type: "t" });
    const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete" });
    const complaints = logger.entries.filter(
      ({ message }) => message === "Diagnostics failed; the queue goes on.",
    );
    // Two metrics and two events beside those of enqueuing.
    expect(complaints).toHaveLength(6);
  });
});

describe("the depth of queues", () => {
  it("is told every half minute while a worker is up and somebody takes metrics", async () => {
    const { again } = await fixtures.open("pglite");
    const clock = createManualClock(0);
    const diagnostics = recording();
    const { emitMetric: _unused, ...without } = recording();
    const tasks = again({ diagnostics, clock });
    await again().enqueueMany([{ type: "t" }, { type: "t", delay_ms: 60_000 }]);
    const depths = (): readonly unknown[] => diagnostics.told.filter(([, name]) => name === "queue.depth");
    const worker = tasks.createWorker({ handlers: {}, heartbeatMs: 1e8, deadAfterMs: 1e9, pollMs: 1e9 });
    await worker.start();
    for (const times of [1, 2]) {
      await clock.elapse(30_000);
      await expect.poll(() => depths().length).toBe(6 * times);
    }
    await worker.stop();
    await clock.elapse(60_000);
    expect(depths()).toHaveLength(12);
    expect(
      diagnosticsTelemetry(without, { clock, logger: createRecordingLogger() }).watchQueues(neverAsked),
    ).toBeTypeOf("function");
    await clock.elapse(60_000);
  });
});

function neverAsked(): never {
  throw new Error("Nobody takes metrics.");
}
