import type { Database } from "@core/database";
import { testEngines } from "@core/database/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { registerWorker } from "../lease/worker-row.ts";
import { claimTasks } from "../testing/leases.ts";
import type { RecordingDispatcher, TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import { Snooze } from "./task-failure.ts";
import type { TaskHandler } from "./task-run.ts";
import type { TaskInput } from "./task.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

/** For what happens at once on an idle machine. */
const patient = { timeout: 20_000 };

const hour = 3_600_000;
const advert = { taskTypes: ["t"], dispatchTypes: [], deadAfterMs: 15_000 };
const unknownId = "01900000-0000-7000-8000-000000000000";

describe.each(testEngines)("cancelling on %s", (engine) => {
  it.each<readonly [string, Partial<TaskInput>]>([
    ["is due", {}],
    ["is planned", { delay_ms: hour }],
    ["waits in its lane", { lane: "l" }],
    ["has a limit", { limit_key: "k" }],
  ])("a task that %s ends it at once", async (_, more) => {
    const { tasks, recorder, makeDue } = await openWithTest(engine);
    if (more.lane !== undefined) await tasks.enqueue({ type: "t", lane: "l" });
    const { task } = await tasks.enqueue({ type: "t", dispatch_type: "test", ...more });
    expect(await tasks.cancel(task.id)).toBe("cancelled");
    const ran: string[] = [];
    await makeDue();
    const worker = tasks.createWorker({ handlers: { t: async ({ id }) => void ran.push(id) } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(ran).not.toContain(task.id);
    const read = await tasks.get(task.id);
    expect(read).toMatchObject({
      state: "cancelled",
      attempt: 0,
      failure_code: null,
      started_at: null,
      deliveries: [],
    });
    expect(read?.finished_at).toBeInstanceOf(Date);
    expect(recorder.deliveries).toEqual([]);
  });

  it("a running task aborts its handler, drops what it gives and delivers nothing", async () => {
    const { tasks, again, recorder, count } = await openWithTest(engine);
    const { task } = await tasks.enqueue({ type: "t", dispatch_type: "test" });
    const running = untilAborted("too late");
    const settled: string[] = [];
    // Only a notification can tell it in time.
    const worker = again().createWorker({
      pollMs: 600_000,
      heartbeatMs: 600_000,
      deadAfterMs: 1_800_000,
      handlers: { t: running.handler },
      onTaskSettled: (_task, how) => void settled.push(how),
    });
    await worker.start();
    await running.begun;
    expect(await tasks.cancel(task.id)).toBe("cancelling");
    await expect.poll(() => settled, patient).toEqual(["cancelled"]);
    await worker.stop();
    expect(running.reasons).toMatchObject([{ code: "TASK_CANCELLED" }]);
    const read = await tasks.get(task.id);
    expect(read).toMatchObject({
      state: "cancelled",
      result: null,
      failure_code: null,
      errors: [],
      deliveries: [],
    });
    expect(read?.finished_at).toBeInstanceOf(Date);
    expect(await count("body")).toBe(0);
    expect(recorder.deliveries).toEqual([]);
  });

  it("a task that its worker has claimed ahead ends it before it begins", async () => {
    const { tasks } = await fixtures.open(engine);
    const gate = Promise.withResolvers<void>();
    const ran: unknown[] = [];
    const worker = tasks.createWorker({
      concurrency: 1,
      handlers: {
        t: async ({ payload }) => {
          ran.push(payload);
          if (payload === "long") await gate.promise;
        },
      },
    });
    // Short runs make it claim ahead.
    await tasks.enqueueMany(Array.from({ length: 5 }, (_, n) => ({ type: "t", payload: n })));
    await worker.start();
    await expect.poll(() => ran.length, patient).toBe(5);
    const [, ahead] = await tasks.enqueueMany([
      { type: "t", payload: "long" },
      { type: "t", payload: "ahead" },
    ]);
    await expect.poll(() => ran, patient).toContain("long");
    const id = ahead?.task.id ?? "";
    expect(["cancelled", "cancelling"]).toContain(await tasks.cancel(id));
    await expect.poll(async () => (await tasks.get(id))?.state, patient).toBe("cancelled");
    gate.resolve();
    await worker.stop();
    expect(ran).not.toContain("ahead");
  });

  it("asked for twice says the same, and says that it has ended afterwards", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const reasons: unknown[] = [];
    const gate = Promise.withResolvers<void>();
    const worker = tasks.createWorker({
      handlers: {
        t: (_task, { signal }) => {
          signal.addEventListener("abort", () => reasons.push(signal.reason));
          return gate.promise;
        },
      },
    });
    await worker.tick();
    const answers = await Promise.all([tasks.cancel(task.id), tasks.cancel(task.id)]);
    expect(answers).toEqual(["cancelling", "cancelling"]);
    await expect.poll(() => reasons, patient).toMatchObject([{ code: "TASK_CANCELLED" }]);
    gate.resolve();
    await worker.stop();
    expect(await tasks.cancel(task.id)).toBe("ended");
    expect(reasons).toHaveLength(1);
  });

  it.each(["complete", "failed", "cancelled"] as const)(
    "a task that is %s changes nothing",
    async (state) => {
      const { tasks } = await fixtures.open(engine);
      const { task } = await tasks.enqueue({ type: "t", max_attempts: 1 });
      if (state === "cancelled") await tasks.cancel(task.id);
      const worker = tasks.createWorker({
        handlers: {
          t: () => (state === "failed" ? Promise.reject(new Error("no")) : Promise.resolve("done")),
        },
      });
      await worker.runUntilIdle();
      await worker.stop();
      const before = await tasks.get(task.id);
      expect(before?.state).toBe(state);
      expect(await tasks.cancel(task.id)).toBe("ended");
      expect(await tasks.get(task.id)).toEqual(before);
    },
  );

  it.each([unknownId, "no id at all", ""])("%j says that there is no such task", async (id) => {
    const { tasks } = await fixtures.open(engine);
    expect(await tasks.cancel(id)).toBe("unknown");
  });

  it("a task whose worker died before it could end it ends it all the same", async () => {
    const { tasks, store } = await openWithTest(engine);
    const { task } = await tasks.enqueue({ type: "t", dispatch_type: "test" });
    const dying = await registerWorker(store, "dying", advert);
    await claimTasks(store, { worker: dying, queues: ["default"], types: ["t"], limit: 1 });
    expect(await tasks.cancel(task.id)).toBe("cancelling");
    await sql`update ${store.table("worker")} set alive_until = now() where id = 'dying'`.execute(store.db);
    const ran: string[] = [];
    const worker = tasks.createWorker({ handlers: { t: async ({ id }) => void ran.push(id) } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(ran).toEqual([]);
    expect(await tasks.get(task.id)).toMatchObject({
      state: "cancelled",
      failure_code: null,
      deliveries: [],
    });
  });

  it.each<readonly [string, number, () => Promise<unknown>]>([
    ["would have been tried again", 5, () => Promise.reject(new Error("again"))],
    ["would have failed for good", 1, () => Promise.reject(new Error("no"))],
    ["was snoozed", 5, () => Promise.reject(new Snooze(0))],
  ])("a run that %s ends it without another run or a delivery", async (_, attempts, end) => {
    const { tasks, store, recorder } = await openWithTest(engine);
    const { task } = await tasks.enqueue({ type: "t", dispatch_type: "test", max_attempts: attempts });
    const worker = tasks.createWorker({
      handlers: {
        // Asked for in the last moment, which its worker does not hear of.
        t: async () => {
          await sql`update ${store.table("task")} set cancel_requested_at = now()`.execute(store.db);
          return end();
        },
      },
    });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({
      state: "cancelled",
      failure_code: null,
      deliveries: [],
    });
    expect(recorder.deliveries).toEqual([]);
  });

  it("a result that was there before the handler heard of it is kept", async () => {
    const { tasks, store } = await openWithTest(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const worker = tasks.createWorker({
      handlers: {
        t: async () => {
          await sql`update ${store.table("task")} set cancel_requested_at = now()`.execute(store.db);
          return "done";
        },
      },
    });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", result: "done" });
  });

  it("a task that waits to be tried again ends it, with the errors it had", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const worker = tasks.createWorker({ handlers: { t: () => Promise.reject(new Error("no")) } });
    await worker.tick();
    await worker.stop();
    expect(await tasks.cancel(task.id)).toBe("cancelled");
    expect(await tasks.get(task.id)).toMatchObject({
      state: "cancelled",
      attempt: 1,
      errors: [{ message: "no" }],
    });
  });

  it("the head of a lane lets the next one go, also when the head runs", async () => {
    const { tasks } = await fixtures.open(engine);
    const inLane = { type: "t", lane: "l" };
    const [first, second, third] = await tasks.enqueueMany([inLane, inLane, inLane]);
    await tasks.cancel(first?.task.id ?? "");
    const running = untilAborted("too late");
    const ran: string[] = [];
    const worker = tasks.createWorker({
      handlers: {
        t: (task, context) => {
          ran.push(task.id);
          return task.id === second?.task.id ? running.handler(task, context) : Promise.resolve();
        },
      },
    });
    await worker.start();
    await running.begun;
    expect(await tasks.cancel(second?.task.id ?? "")).toBe("cancelling");
    await expect.poll(() => ran, patient).toEqual([second?.task.id, third?.task.id]);
    await worker.stop();
  });
});

describe.each(testEngines)("cancelling all on %s", (engine) => {
  it.each([
    ["a lane", { lane: "mine" }, { lane: "other" }],
    ["a session", { session_id: "mine" }, { session_id: "other" }],
  ] as const)(
    "of %s cancels what runs or would run now, and leaves the rest alone",
    async (_, which, other) => {
      const { tasks, makeDue } = await fixtures.open(engine);
      const retried = await tasks.enqueue({ type: "again", ...which });
      const failing = tasks.createWorker({ handlers: { again: () => Promise.reject(new Snooze(hour)) } });
      await failing.runUntilIdle();
      await failing.stop();
      const running = untilAborted("too late");
      // A lane has one task under way: there it is the one that is to be tried again.
      const runs = "lane" in which ? [] : [await tasks.enqueue({ type: "running", ...which })];
      const worker = tasks.createWorker({ handlers: { running: running.handler } });
      await worker.start();
      if (runs.length > 0) await running.begun;
      const waiting = await tasks.enqueueMany([
        { type: "t", ...which },
        { type: "t", ...which },
      ]);
      const planned = await tasks.enqueue({ type: "t", delay_ms: hour, ...which });
      const elsewhere = await tasks.enqueue({ type: "t", ...other });

      expect(await tasks.cancelAll(which)).toBe(3 + runs.length);
      for (const { task } of [retried, ...waiting, ...runs]) {
        await expect.poll(async () => (await tasks.get(task.id))?.state, patient).toBe("cancelled");
      }
      await worker.stop();
      expect(await tasks.get(planned.task.id)).toMatchObject({
        state: "pending",
        run_at: planned.task.run_at,
      });
      expect(await tasks.get(elsewhere.task.id)).toMatchObject({ state: "pending" });
      expect(await tasks.cancelAll(which)).toBe(0);

      await makeDue();
      const ran: string[] = [];
      const last = tasks.createWorker({ handlers: { t: async ({ id }) => void ran.push(id) } });
      await last.runUntilIdle();
      await last.stop();
      expect(ran.toSorted()).toEqual([planned.task.id, elsewhere.task.id].toSorted());
    },
  );

  it("of what there is nothing of cancels nothing", async () => {
    const { tasks } = await fixtures.open(engine);
    expect(await tasks.cancelAll({ lane: "none" })).toBe(0);
    expect(await tasks.cancelAll({ session_id: "none" })).toBe(0);
  });

  it("of a session frees the lanes of its tasks for those of others", async () => {
    const { tasks } = await fixtures.open(engine);
    await tasks.enqueueMany([
      { type: "t", lane: "a", session_id: "mine" },
      { type: "t", lane: "b", session_id: "mine" },
      { type: "t", lane: "a", session_id: "other", payload: "next in a" },
      { type: "t", lane: "b", session_id: "other", payload: "next in b" },
    ]);
    expect(await tasks.cancelAll({ session_id: "mine" })).toBe(2);
    const ran: string[] = [];
    const worker = tasks.createWorker({
      handlers: { t: async ({ payload }) => void ran.push(payload as string) },
    });
    await worker.runUntilIdle();
    await worker.stop();
    expect(ran.toSorted()).toEqual(["next in a", "next in b"]);
  });
});

describe("cancelling all on postgres", () => {
  it("while workers end the same tasks never fails and leaves nothing under way", async () => {
    const { tasks, again, count } = await fixtures.open("postgres");
    const workers = [tasks, again()].map((one) =>
      one.createWorker({ pollMs: 5, handlers: { t: async () => "done" } }),
    );
    await Promise.all(workers.map((worker) => worker.start()));
    for (let round = 0; round < 15; round += 1) {
      await tasks.enqueueMany(
        Array.from({ length: 40 }, (_, n) => ({
          type: "t",
          session_id: "s",
          ...(n % 2 === 0 && { lane: `lane ${(n * 7 + round) % 9}` }),
        })),
      );
      await Promise.all([tasks.cancelAll({ session_id: "s" }), again().cancelAll({ session_id: "s" })]);
    }
    const live = async (): Promise<number> =>
      (await Promise.all((["pending", "running"] as const).map((state) => tasks.list({ state })))).flatMap(
        ({ items }) => items,
      ).length;
    await expect.poll(live, patient).toBe(0);
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(await count("task")).toBe(600);
  });
});

async function openWithTest(
  engine: Database["engine"],
): Promise<TasksFixture & { readonly recorder: RecordingDispatcher }> {
  const fixture = await fixtures.open(engine);
  const recorder = recordingDispatcher();
  fixture.dispatchers.register("test", recorder, { owner: "test" });
  return { ...fixture, recorder };
}

/** A handler that gives a result when it is told to end. */
function untilAborted(result: string): {
  readonly handler: TaskHandler;
  readonly begun: Promise<void>;
  readonly reasons: unknown[];
} {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const reasons: unknown[] = [];
  return {
    begun,
    reasons,
    handler: (_task, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason);
          resolve(result);
        });
        begin();
      }),
  };
}
