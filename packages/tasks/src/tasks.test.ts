import { testEngines } from "@core/database/testing";
import { permanent, retryable, textResult } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { NonRetryable, RetryAfter } from "./task/task-failure.ts";
import { ranWith } from "./testing/ran-with.ts";
import { createTasksFixtures, recordingDispatcher } from "./testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

describe.each(testEngines)("tasks on %s", (engine) => {
  it("runs a task and keeps its result", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task, created } = await tasks.enqueue({ type: "sum", payload: { a: 1, b: 2 } });
    expect(created).toBe(true);
    expect(task).toMatchObject({
      state: "pending",
      attempt: 0,
      payload: { a: 1, b: 2 },
      correlation_id: task.id,
    });

    const worker = tasks.createWorker({ handlers: { sum: async () => ({ sum: 3 }) } });
    await worker.runUntilIdle();
    await worker.stop();

    const done = await tasks.get(task.id);
    expect(done).toMatchObject({
      state: "complete",
      attempt: 1,
      result: { sum: 3 },
      failure_code: null,
      deliveries: [],
    });
    expect(done?.finished_at).toBeInstanceOf(Date);
  });

  it("delivers a result with the task's id, once", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const recorder = recordingDispatcher();
    dispatchers.register("test", recorder, { owner: "test" });
    const { task } = await tasks.enqueue({
      prompt: "hi",
      dispatch_type: "test",
      dispatch_config: { room: 1 },
    });
    const worker = tasks.createWorker({ handlers: { agent: async () => textResult("HI") } });
    await worker.runUntilIdle();
    await worker.runUntilIdle();
    await worker.stop();

    expect(recorder.deliveries).toHaveLength(1);
    expect(recorder.deliveries[0]).toMatchObject({
      kind: "task_result",
      payload: { task_id: task.id, result: { text: "HI" } },
      target: { room: 1 },
      attempt: 1,
    });
    const read = await tasks.get(task.id);
    expect(read?.deliveries).toMatchObject([
      { state: "delivered", attempt: 1, id: recorder.deliveries[0]?.id },
    ]);
  });

  it("makes no delivery for the dispatch type none", async () => {
    const { tasks, count } = await fixtures.open(engine);
    await tasks.enqueue({ prompt: "hi" });
    const worker = tasks.createWorker({ handlers: { agent: async () => textResult("x") } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await count("delivery")).toBe(0);
  });

  it("keeps a finished task complete when its delivery fails for good", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const answer = { status: 400, body: "no such thing" };
    dispatchers.register(
      "test",
      recordingDispatcher(() => permanent({ code: "http_400", message: "Refused.", answer })),
      { owner: "test" },
    );
    const { task } = await tasks.enqueue({ prompt: "hi", dispatch_type: "test" });
    const worker = tasks.createWorker({ handlers: { agent: async () => textResult("x") } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({
      state: "complete",
      deliveries: [{ state: "dead", attempt: 1, answer, failures: [{ attempt: 1, code: "http_400" }] }],
    });
  });

  it("retries a delivery with the same id until it arrives", async () => {
    const { tasks, dispatchers, makeDue } = await fixtures.open(engine);
    const recorder = recordingDispatcher(({ attempt }) =>
      attempt < 3
        ? retryable({ code: "http_503", message: "Busy." })
        : { status: "delivered", externalIds: ["m1"] },
    );
    dispatchers.register("test", recorder, { owner: "test" });
    const { task } = await tasks.enqueue({ prompt: "hi", dispatch_type: "test" });
    const worker = tasks.createWorker({ handlers: { agent: async () => textResult("x") } });
    for (let round = 0; round < 3; round += 1) {
      await worker.runUntilIdle();
      await makeDue();
    }
    await worker.stop();
    expect(new Set(recorder.deliveries.map(({ id }) => id)).size).toBe(1);
    expect(recorder.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect((await tasks.get(task.id))?.deliveries).toMatchObject([
      { state: "delivered", attempt: 3, external_ids: ["m1"], failures: [{ attempt: 1 }, { attempt: 2 }] },
    ]);
  });

  it("gives a delivery up as dead after the policy's attempts", async () => {
    const { tasks, dispatchers, makeDue } = await fixtures.open(engine);
    const recorder = recordingDispatcher(() => retryable({ code: "http_500", message: "Broken." }));
    dispatchers.register("test", recorder, { owner: "test" });
    const { task } = await tasks.enqueue({ prompt: "hi", dispatch_type: "test" });
    const worker = tasks.createWorker({ handlers: { agent: async () => textResult("x") } });
    for (let round = 0; round < 20; round += 1) {
      await worker.runUntilIdle();
      await makeDue();
    }
    await worker.stop();
    expect(recorder.deliveries).toHaveLength(12);
    expect((await tasks.get(task.id))?.deliveries).toMatchObject([{ state: "dead", attempt: 12 }]);
  });

  it("retries a generic task after a plain throw, and an agent task only after a classified one", async () => {
    const { tasks, makeDue } = await fixtures.open(engine);
    const generic = await tasks.enqueue({ type: "generic" });
    const agent = await tasks.enqueue({ prompt: "plain" });
    const asking = await tasks.enqueue({ prompt: "asks" });
    const runs: string[] = [];
    const fail = async (name: string): Promise<never> => {
      runs.push(name);
      if (name === "asks") throw new RetryAfter(10);
      throw new Error("plain");
    };
    const worker = tasks.createWorker({
      handlers: { generic: () => fail("generic"), agent: ({ prompt }) => fail(prompt ?? "") },
    });
    for (let round = 0; round < 12; round += 1) {
      await worker.runUntilIdle();
      await makeDue();
    }
    await worker.stop();
    expect(runs.filter((name) => name === "generic")).toHaveLength(10);
    expect(runs.filter((name) => name === "plain")).toHaveLength(1);
    expect(runs.filter((name) => name === "asks")).toHaveLength(3);
    expect(await tasks.get(generic.task.id)).toMatchObject({
      state: "failed",
      failure_code: "exhausted",
      attempt: 10,
    });
    expect(await tasks.get(agent.task.id)).toMatchObject({ state: "failed", failure_code: "non_retryable" });
    const exhausted = await tasks.get(asking.task.id);
    expect(exhausted).toMatchObject({ failure_code: "exhausted" });
    expect(exhausted?.errors.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it("never runs a task again after NonRetryable, and sends one error delivery", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const recorder = recordingDispatcher();
    dispatchers.register("test", recorder, { owner: "test" });
    const { task } = await tasks.enqueue({ type: "once", dispatch_type: "test" });
    const worker = tasks.createWorker({
      handlers: {
        once: async () => {
          throw new NonRetryable("Bad wiring.");
        },
      },
    });
    await worker.runUntilIdle();
    await worker.stop();
    expect(recorder.deliveries).toMatchObject([
      {
        kind: "task_error",
        payload: { task_id: task.id, error: { code: "non_retryable", message: "Bad wiring." } },
      },
    ]);
  });

  it("ends a task that runs too long as timed out, and aborts its signal", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "slow", max_run_seconds: 1 });
    let aborted = false;
    const worker = tasks.createWorker({
      handlers: {
        slow: (_task, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              aborted = true;
              reject(signal.reason as Error);
            });
          }),
      },
    });
    await worker.runUntilIdle();
    await worker.stop();
    expect(aborted).toBe(true);
    expect(await tasks.get(task.id)).toMatchObject({ state: "failed", failure_code: "timed_out" });
  });

  it("runs higher priorities first, and leaves what is scheduled for later alone", async () => {
    const { tasks } = await fixtures.open(engine);
    await tasks.enqueue({ type: "t", payload: "low", priority: -1 });
    await tasks.enqueue({ type: "t", payload: "high", priority: 5 });
    const later = await tasks.enqueue({
      type: "t",
      payload: "later",
      scheduled_at: new Date(Date.now() + 3_600_000),
    });
    expect(await ranWith(tasks)).toEqual(["high", "low"]);
    expect(await tasks.get(later.task.id)).toMatchObject({ state: "pending", attempt: 0 });
  });

  it("runs one lane in order, one at a time, whatever the workers do", async () => {
    const { tasks, again } = await fixtures.open(engine);
    for (let n = 0; n < 30; n += 1) await tasks.enqueue({ type: "t", payload: n, lane: `lane-${n % 3}` });
    const seen = new Map<string, number[]>();
    const running = new Set<string>();
    let overlaps = 0;
    const handler = async ({ lane, payload }: { lane: string | null; payload: unknown }): Promise<void> => {
      const key = lane ?? "";
      if (running.has(key)) overlaps += 1;
      running.add(key);
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen.set(key, [...(seen.get(key) ?? []), Number(payload)]);
      running.delete(key);
    };
    const workers = [tasks, again()].map((view) =>
      view.createWorker({ handlers: { t: handler }, pollMs: 5 }),
    );
    await Promise.all(workers.map((worker) => worker.start()));
    await expect.poll(() => [...seen.values()].flat().length, { timeout: 20_000 }).toBe(30);
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(overlaps).toBe(0);
    for (const order of seen.values()) expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it("gives the same task back for the same idempotency key, and refuses other fields", async () => {
    const { tasks, count } = await fixtures.open(engine);
    const input = { prompt: "once", idempotency_key: "k1" };
    const [first, second] = await Promise.all([tasks.enqueue(input), tasks.enqueue(input)]);
    expect(first.task.id).toBe(second.task.id);
    expect([first.created, second.created].filter(Boolean)).toHaveLength(1);
    await expect(tasks.enqueue({ ...input, prompt: "other" })).rejects.toMatchObject({
      code: "TASK_IDEMPOTENCY_CONFLICT",
      message: expect.stringContaining(first.task.id),
    });
    expect(await count("task")).toBe(1);
  });

  it("stores a task in the caller's transaction, or not at all", async () => {
    const { tasks, database, count } = await fixtures.open(engine);
    const kysely = database.kysely;
    await kysely.transaction().execute((trx) => tasks.enqueue({ prompt: "kept" }, { trx }));
    const failing = kysely.transaction().execute(async (trx) => {
      await tasks.enqueue({ prompt: "undone" }, { trx });
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    expect(await count("task")).toBe(1);
  });

  it("asks where a result goes within the maker's transaction", async () => {
    const { tasks, dispatchers, database } = await fixtures.open(engine, {
      resolveTarget: async ({ session_id: session }, { trx }) => {
        const { rows } = await sql<{ room: string }>`select ${session}::text as room`.execute(
          trx ?? missing(),
        );
        return { dispatch_type: "test", dispatch_config: { room: rows[0]?.room ?? "" } };
      },
    });
    dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    const { task } = await database.kysely
      .transaction()
      .execute((trx) => tasks.enqueue({ prompt: "x", session_id: "s1" }, { trx }));
    expect(task).toMatchObject({ dispatch_type: "test", dispatch_config: { room: "s1" } });
  });

  it("refuses bad input by field and stores nothing", async () => {
    const { tasks, dispatchers, count } = await fixtures.open(engine);
    dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    const refused = [
      [{ prompt: "x", dispatch_type: "slakc" }, "DISPATCH_TYPE_UNKNOWN", "dispatch_type"],
      [
        { prompt: "x", dispatch_type: "test", dispatch_config: { token: "t" } },
        "DISPATCH_TARGET_INVALID",
        "dispatch_config.token",
      ],
      [{ prompt: "x", dispatch_config: { url: "u" } }, "TASK_INVALID", "dispatch_type"],
      [
        { prompt: "x", dispatch_type: "later", strict: false, dispatch_config: { bot: { token: "t" } } },
        "DISPATCH_TARGET_INVALID",
        "dispatch_config.bot.token",
      ],
      [
        { prompt: "x", dispatch_type: "later", strict: false, dispatch_config: { url: "https://u:p@h/" } },
        "DISPATCH_TARGET_INVALID",
        "dispatch_config.url",
      ],
      [{ prompt: "x", dispatch_type: "Later!", strict: false }, "DISPATCH_TYPE_UNKNOWN", "dispatch_type"],
      [{ prompt: "x", max_attempts: 0 }, "TASK_INVALID", "max_attempts"],
      [{ prompt: "x", priority: 1.5 }, "TASK_INVALID", "priority"],
      [{ prompt: "nul \u0000" }, "TASK_INVALID", "prompt"],
      [{ prompt: "x", payload: { deep: ["\ud800"] } }, "TASK_INVALID", "payload.deep.0"],
      [{ prompt: "x", scheduled_at: new Date("nonsense") }, "TASK_INVALID", "scheduled_at"],
    ] as const;
    for (const [input, code, field] of refused) {
      await expect(tasks.enqueue(input), field).rejects.toMatchObject({
        code,
        details: { issues: [{ field }] },
      });
    }
    expect(await count("task")).toBe(0);
  });

  it("stores a result whose text Postgres could not hold, with a mark in place of what it cannot", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ prompt: "x" });
    const worker = tasks.createWorker({ handlers: { agent: async () => textResult("a\u0000b\ud800c") } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({
      state: "complete",
      result: { text: "a\uFFFDb\uFFFDc" },
    });
  });

  it("pages through tasks and deliveries, newest first", async () => {
    const { tasks } = await fixtures.open(engine);
    for (let n = 0; n < 5; n += 1) await tasks.enqueue({ prompt: `p${n}` });
    const first = await tasks.list({ limit: 2 });
    const second = await tasks.list({ limit: 2, ...(first.next_cursor && { cursor: first.next_cursor }) });
    const third = await tasks.list({ limit: 2, ...(second.next_cursor && { cursor: second.next_cursor }) });
    const prompts = [first, second, third].flatMap(({ items }) => items.map(({ prompt }) => prompt));
    expect(prompts).toEqual(["p4", "p3", "p2", "p1", "p0"]);
    expect(third.next_cursor).toBeNull();
    await expect(tasks.list({ cursor: "nonsense" })).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    expect(await tasks.deliveries.list()).toEqual({ items: [], next_cursor: null });
  });
});

function missing(): never {
  throw new Error("No transaction was passed on.");
}

describe.each(testEngines)("reading a task on %s", (engine) => {
  it("shows a result and its delivery together or not at all, however often it is read meanwhile", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    const ids: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      ids.push((await tasks.enqueue({ type: "t", dispatch_type: "test" })).task.id);
    }
    const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
    let working = true;
    const torn: unknown[] = [];
    const reading = (async () => {
      for (let n = 0; working; n += 1) {
        const task = await tasks.get(ids[n % ids.length] ?? "");
        if ((task?.state === "complete") !== (task?.deliveries.length === 1)) torn.push(task);
        // An embedded database answers without leaving this turn of the event loop.
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await worker.runUntilIdle();
    working = false;
    await reading;
    await worker.stop();
    expect(torn).toEqual([]);
  });
});
