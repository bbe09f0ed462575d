import { testEngines } from "@core/database/testing";
import { delivered } from "@core/registry";
import { afterAll, describe, expect, it } from "vitest";
import { AwaitChildren, RetryAfter } from "../task/task-failure.ts";
import { listenTo } from "../testing/heard.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import type { Tasks } from "../tasks.ts";
import type { TaskHandler } from "../task/task-run.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

describe.each(testEngines)("the feed of events on %s", (engine) => {
  it("tells what happens to a task, in order", async () => {
    const { tasks } = await fixtures.open(engine);
    const heard = await listenTo(tasks);
    const { task } = await tasks.enqueue({ type: "t", queue: "mails", lane: "l" });
    await runAll(tasks, async (_, { progress, log }) => {
      progress(0.5, "half");
      log("a line", { rows: 7 });
    });
    const about = { task_id: task.id, task_type: "t", queue: "mails", lane: "l" };
    expect(heard.events).toMatchObject([
      { ...about, type: "task.created", state: "pending", attempt: 0, run: 0, run_at: task.run_at },
      { ...about, type: "task.started", state: "running", attempt: 1, run: 1 },
      { ...about, type: "task.progress", attempt: 1, progress: { fraction: 0.5, message: "half", n: 1 } },
      { ...about, type: "task.log", attempt: 1, line: { message: "a line", fields: { rows: 7 }, n: 2 } },
      { ...about, type: "task.completed", state: "complete", attempt: 1, run: 1 },
    ]);
    expect(tasks.events.since(heard.events[2]?.id ?? "")).toEqual(heard.events.slice(3));
  });

  it("tells the same when an idle worker claims in the call that stores", async () => {
    const { tasks } = await fixtures.open(engine);
    const heard = await listenTo(tasks);
    const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
    await worker.start();
    await tasks.enqueue({ type: "t" });
    await heard.until("task.completed");
    await worker.stop();
    expect(heard.lines).toEqual(["task.created 0", "task.started 1", "task.completed 1"]);
  });

  it("tells of retries with their time, of hand-backs and of the failure at the end", async () => {
    const { tasks, makeDue } = await fixtures.open(engine);
    const heard = await listenTo(tasks);
    await tasks.enqueue({ type: "t", max_attempts: 2 });
    const fail: TaskHandler = async () => {
      throw new RetryAfter(60_000, "later");
    };
    await runAll(tasks, fail);
    await makeDue();
    await runAll(tasks, fail);
    expect(heard.lines).toEqual([
      "task.created 0",
      "task.started 1",
      "task.retrying 1",
      "task.started 2",
      "task.failed 2",
    ]);
    const [, , retrying, , failed] = heard.events;
    expect(failed).toMatchObject({ state: "failed", failure_code: "exhausted", attempt: 2 });
    if (retrying?.type !== "task.retrying") throw new Error("no retry");
    expect(retrying.run_at.getTime() - retrying.at.getTime()).toBeGreaterThanOrEqual(60_000);
  });

  it("tells of what was cancelled before it began, alone and together, and while it ran", async () => {
    const { tasks } = await fixtures.open(engine);
    const heard = await listenTo(tasks);
    const { task } = await tasks.enqueue({ type: "t" });
    await tasks.cancel(task.id);
    await tasks.enqueue({ type: "t", lane: "l" });
    await tasks.enqueue({ type: "t", lane: "l" });
    await tasks.cancelAll({ lane: "l" });
    const running = await tasks.enqueue({ type: "t" });
    await runAll(tasks, async (_, { signal }) => {
      await tasks.cancel(running.task.id);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    });
    const cancelled = heard.events.filter(({ type }) => type === "task.cancelled");
    expect(cancelled).toHaveLength(4);
    expect(cancelled.at(-1)).toMatchObject({ task_id: running.task.id, run: 1, state: "cancelled" });
  });

  it("tells of one that a full limit skips, and of no one that was there already", async () => {
    const { tasks } = await fixtures.open(engine);
    await tasks.limits.set({ key: "k", concurrency: 1, strategy: "skip" });
    await tasks.enqueue({ type: "t", limit_key: "k", idempotency_key: "i" });
    const heard = await listenTo(tasks);
    await tasks.enqueue({ type: "t", limit_key: "k", idempotency_key: "i" });
    await tasks.enqueue({ type: "t", limit_key: "k" });
    expect(heard.lines).toEqual(["task.created 0", "task.cancelled 0"]);
  });

  it("tells of the children and the follow-ups that an end brings, but of none that was there already", async () => {
    const { tasks } = await fixtures.open(engine, {
      followUps: ({ type }) =>
        type === "t"
          ? [
              { type: "after", delay_ms: 60_000 },
              { type: "after", idempotency_key: "once" },
            ]
          : [],
    });
    await tasks.enqueue({ type: "after", idempotency_key: "once", delay_ms: 60_000 });
    const heard = await listenTo(tasks);
    await tasks.enqueue({ type: "t" });
    await runAll(tasks, async (_, { children }) => {
      if ((await children()).length === 0) throw new AwaitChildren([{ type: "child" }]);
      return "done";
    });
    const made = heard.events.filter(({ type }) => type === "task.created");
    expect(made).toMatchObject([{ task_type: "t" }, { task_type: "child" }, { task_type: "after" }]);
    const [, , after] = made;
    if (after?.type !== "task.created") throw new Error("nothing follows");
    expect(after.run_at.getTime() - after.at.getTime()).toBe(60_000);
  });

  it("tells of what a transaction of the caller makes when that commits, and nothing of one that does not", async () => {
    const { tasks, database, dispatchers } = await fixtures.open(engine);
    const idle = recordingDispatcher(() => delivered());
    dispatchers.register("test", idle, { owner: "test" });
    const heard = await listenTo(tasks);
    const message = { kind: "message", payload: { text: "Hello" } } as const;
    const target = { dispatch_type: "test", target: {} };
    const make = async (source: string, mayCommit: boolean): Promise<void> =>
      database.kysely.transaction().execute(async (trx) => {
        await tasks.enqueueMany(
          Array.from({ length: 60 }, () => ({ type: source })),
          { trx },
        );
        await tasks.deliveries.send({ ...message, source_id: source, ...target }, { trx });
        if (!mayCommit) throw new Error("undone");
      });
    await expect(make("bad", false)).rejects.toThrow("undone");
    await make("good", true);
    await heard.until("delivery.changed");
    expect(heard.events.slice(0, 60)).toEqual(
      Array.from({ length: 60 }, () => expect.objectContaining({ type: "task.created", task_type: "good" })),
    );
    expect(heard.events).toHaveLength(61);
  });

  it("tells of deliveries", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    dispatchers.register(
      "test",
      recordingDispatcher(() => delivered()),
      { owner: "test" },
    );
    const heard = await listenTo(tasks);
    const { task } = await tasks.enqueue({ type: "t", dispatch_type: "test" });
    await runAll(tasks, async () => "done");
    const [delivery] = (await tasks.get(task.id))?.deliveries ?? [];
    const about = { type: "delivery.changed", delivery_id: delivery?.id, task_id: task.id, attempt: 1 };
    expect(heard.events.slice(-2)).toMatchObject([
      { ...about, state: "sending" },
      { ...about, state: "delivered" },
    ]);
  });

  it("carries nothing of what tasks are given and give back", async () => {
    const { tasks } = await fixtures.open(engine);
    const heard = await listenTo(tasks);
    const secret = "hunter2";
    await tasks.enqueue({ type: "t", payload: secret, prompt: secret, title: secret });
    await tasks.enqueue({ type: "t", payload: "fail", max_attempts: 1 });
    await runAll(tasks, async ({ payload }) => {
      if (payload === "fail") throw new Error(secret);
      return secret;
    });
    expect(heard.lines).toContain("task.failed 1");
    expect(JSON.stringify(heard.events)).not.toContain(secret);
  });

  it("reaches others that have the same tables, both ways", async () => {
    const { tasks: one, again } = await fixtures.open(engine);
    const other = again();
    const heard = await listenTo(other);
    await one.enqueue({ type: "t" });
    await heard.until("task.created");
    await runAll(one, async (_, { progress }) => progress(1));
    await heard.until("task.completed");
    expect(heard.lines).toEqual(["task.created 0", "task.started 1", "task.progress 1", "task.completed 1"]);
    const back = await listenTo(one);
    await other.enqueue({ type: "t" });
    await back.until("task.created");
  });

  it("tells a gap when more happens elsewhere than can be told", async () => {
    const { tasks: one, again } = await fixtures.open(engine);
    const heard = await listenTo(again());
    await one.enqueueMany(Array.from({ length: 300 }, () => ({ type: "t" })));
    await heard.until("gap");
    expect(heard.lines).toEqual(["gap"]);
  });
});

async function runAll(tasks: Tasks, handler: TaskHandler): Promise<void> {
  const worker = tasks.createWorker({
    handlers: { t: handler, child: async () => "done" },
    queues: ["default", "mails"],
  });
  await worker.runUntilIdle();
  await worker.stop();
}
