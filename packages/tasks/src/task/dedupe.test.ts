import { AsyncLocalStorage } from "node:async_hooks";
import { testEngines } from "@core/database/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import type { Tasks } from "../tasks.ts";
import { passTime } from "../testing/pass-time.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { ranWith } from "../testing/ran-with.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import type { Dedupe, EnqueueReceipt, TaskInput } from "./task.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

/** For what happens at once on an idle machine. */
const patient = { timeout: 20_000 };

const hour = 3_600_000;
const conflicts = ["skip", "replace", "debounce", "merge"] as const;

describe.each(testEngines)("a dedupe key on %s", (engine) => {
  it("that is taken skips the newcomer and gives the first task back as it is", async () => {
    const { tasks, count } = await fixtures.open(engine);
    const first = await tasks.enqueue(asking("first"));
    const second = await tasks.enqueue(asking("second"));
    expect(second).toEqual({ task: first.task, created: false });
    expect(await tasks.get(first.task.id)).toMatchObject({ payload: "first" });
    expect(await count("task")).toBe(1);
  });

  it("replaces the content of a task that has not begun, but not its time", async () => {
    const { tasks, dispatchers, count } = await fixtures.open(engine);
    dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    const first = await tasks.enqueue({
      ...asking("first", "replace"),
      title: "old",
      prompt: "old",
      callback_config: { old: 1 },
      delay_ms: hour,
    });
    const second = await tasks.enqueue({
      ...asking("second", "replace"),
      title: "new",
      dispatch_type: "test",
      dispatch_config: { room: 2 },
      execution_config: { tools: ["b"] },
      origin: { integration: "chat", ref: { ts: "2" } },
      priority: 5,
      max_attempts: 2,
      max_run_seconds: 9,
    });
    expect(second).toMatchObject({ created: false, task: { id: first.task.id } });
    expect(await tasks.get(first.task.id)).toMatchObject({
      payload: "second",
      title: "new",
      prompt: null,
      callback_config: null,
      dispatch_type: "test",
      dispatch_config: { room: 2 },
      execution_config: { tools: ["b"] },
      origin: { integration: "chat", ref: { ts: "2" } },
      priority: 5,
      max_attempts: 2,
      max_run_seconds: 9,
      run_at: first.task.run_at,
      scheduled_at: first.task.scheduled_at,
      created_at: first.task.created_at,
    });
    expect(await count("task")).toBe(1);
  });

  it("debounces: the newcomer's content and time count", async () => {
    const { tasks, count } = await fixtures.open(engine);
    const first = await tasks.enqueue({ ...asking("first", "debounce"), delay_ms: 1_000 });
    const at = new Date("2100-01-01T00:00:00Z");
    const second = await tasks.enqueue({ ...asking("second", "debounce"), scheduled_at: at });
    expect(second).toMatchObject({
      created: false,
      task: { id: first.task.id, run_at: at, scheduled_at: at },
    });
    const third = await tasks.enqueue({ ...asking("third", "debounce"), delay_ms: hour });
    expect(third.task.run_at.getTime()).toBeGreaterThanOrEqual(first.task.created_at.getTime() + hour);
    expect(await ranWith(tasks)).toEqual([]);
    expect(await count("task")).toBe(1);
  });

  it("debounced once more without a delay runs at once, with the last content", async () => {
    const { tasks } = await fixtures.open(engine);
    await tasks.enqueue({ ...asking("first", "debounce"), delay_ms: hour });
    await tasks.enqueue(asking("last", "debounce"));
    expect(await ranWith(tasks)).toEqual(["last"]);
  });

  it.each<readonly [unknown, unknown, unknown]>([
    [[1], [2, [3]], [1, 2, [3]]],
    [
      { a: 1, b: { x: 1 } },
      { b: { y: 2 }, c: 3 },
      { a: 1, b: { y: 2 }, c: 3 },
    ],
    [[1], { a: 1 }, { a: 1 }],
    [{ a: 1 }, [1], [1]],
    ["one", "two", "two"],
    [1, { a: 1 }, { a: 1 }],
    [null, [1], [1]],
    [[1], null, [1]],
    [null, null, null],
  ])("merges the payloads %j and %j into %j", async (first, second, merged) => {
    const { tasks } = await fixtures.open(engine);
    await tasks.enqueue({ ...asking(first, "merge"), delay_ms: hour });
    const receipt = await tasks.enqueue(asking(second, "merge"));
    expect(receipt).toMatchObject({ created: false, task: { payload: merged } });
  });

  it("merges the payload alone: where the result goes and when it runs stays as the first said", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    const first = await tasks.enqueue({
      ...asking([1], "merge"),
      title: "kept",
      priority: 3,
      dispatch_type: "test",
      dispatch_config: { room: 1 },
      delay_ms: hour,
    });
    const { task } = await tasks.enqueue(asking([2], "merge"));
    expect(task).toStrictEqual({ ...first.task, payload: [1, 2] });
  });

  it.each(conflicts)("of a task that has ended is free for the next (%s)", async (how) => {
    const { tasks, count } = await fixtures.open(engine);
    const first = await tasks.enqueue(asking("first", how));
    expect(await ranWith(tasks)).toEqual(["first"]);
    const second = await tasks.enqueue(asking("second", how));
    expect(second.created).toBe(true);
    expect(second.task.id).not.toBe(first.task.id);
    expect(await count("task")).toBe(2);
  });

  it.each(["failed", "cancelled"] as const)("of a task that was %s is free for the next", async (how) => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ ...asking("first"), max_attempts: 1 });
    if (how === "cancelled") await tasks.cancel(task.id);
    const worker = tasks.createWorker({ handlers: { t: () => Promise.reject(new Error("no")) } });
    await worker.runUntilIdle();
    await worker.stop();
    expect((await tasks.get(task.id))?.state).toBe(how);
    expect((await tasks.enqueue(asking("second"))).created).toBe(true);
  });

  it("of a running task skips newcomers, but is given up to those that would have changed it", async () => {
    const { tasks } = await fixtures.open(engine);
    const first = await tasks.enqueue(asking([1]));
    await whileItRuns(tasks, async () => {
      expect(await tasks.enqueue(asking([0]))).toMatchObject({ created: false, task: { id: first.task.id } });
      const second = await tasks.enqueue(asking([2], "merge"));
      expect(second).toMatchObject({ created: true, task: { payload: [2] } });
      const third = await tasks.enqueue(asking([3], "merge"));
      expect(third).toMatchObject({ created: false, task: { id: second.task.id, payload: [2, 3] } });
    });
    expect(await tasks.get(first.task.id)).toMatchObject({ state: "complete", payload: [1] });
    expect(await ranWith(tasks)).toEqual([[2, 3]]);
  });

  it("of a task that waits to be tried again leaves that one's content alone", async () => {
    const { tasks } = await fixtures.open(engine);
    const first = await tasks.enqueue(asking([1], "merge"));
    const worker = tasks.createWorker({
      handlers: { t: () => Promise.reject(new Error("again")) },
      concurrency: 1,
    });
    await worker.tick();
    await worker.stop();
    expect(await tasks.get(first.task.id)).toMatchObject({ state: "pending", attempt: 1 });
    const second = await tasks.enqueue(asking([2], "merge"));
    expect(second).toMatchObject({ created: true, task: { payload: [2] } });
    expect(await tasks.get(first.task.id)).toMatchObject({ payload: [1] });
  });

  it.each(conflicts)(
    "with a window is taken until its end, whatever becomes of the task (%s)",
    async (how) => {
      const { tasks, database, schema, count } = await fixtures.open(engine);
      const first = await tasks.enqueue(asking("first", how, 60));
      expect(await ranWith(tasks)).toEqual(["first"]);
      const second = await tasks.enqueue(asking("second", how, 60));
      expect(second).toMatchObject({ created: false, task: { id: first.task.id, payload: "first" } });
      await passTime(database, 61_000, { schema });
      const third = await tasks.enqueue(asking("third", how, 60));
      expect(third.created).toBe(true);
      expect(third.task.id).not.toBe(first.task.id);
      expect(await count("task")).toBe(2);
    },
  );

  it("with a window that is over is free although its task has not ended", async () => {
    const { tasks, database, schema } = await fixtures.open(engine);
    await tasks.enqueue({ ...asking("first", "skip", 60), delay_ms: hour });
    await passTime(database, 61_000, { schema });
    expect((await tasks.enqueue(asking("second", "skip", 60))).created).toBe(true);
  });

  it("with a window is not made longer by those it skips", async () => {
    const { tasks, database, schema } = await fixtures.open(engine);
    await tasks.enqueue(asking("first", "skip", 60));
    await passTime(database, 40_000, { schema });
    expect((await tasks.enqueue(asking("second", "skip", 60))).created).toBe(false);
    await passTime(database, 40_000, { schema });
    expect((await tasks.enqueue(asking("third", "skip", 60))).created).toBe(true);
  });

  it("is told apart from the same key of another type, however the two are named", async () => {
    const { tasks, count } = await fixtures.open(engine);
    for (const [type, key] of [
      ["a", "k"],
      ["b", "k"],
      ["a:b", "c"],
      ["a", "b:c"],
      ["1:a", "b"],
    ] as const) {
      expect((await tasks.enqueue({ type, dedupe: { key } })).created).toBe(true);
    }
    expect(await count("task")).toBe(5);
  });

  it("that comes several times in one call makes one task, changed by each in turn", async () => {
    const { tasks, count } = await fixtures.open(engine);
    const receipts = await tasks.enqueueMany([
      asking([1], "merge"),
      { type: "t", payload: "apart" },
      asking([2], "merge"),
      asking([3], "merge"),
      asking([4], "skip"),
    ]);
    expect(receipts.map(({ created }) => created)).toEqual([true, true, false, false, false]);
    expect(new Set(receipts.map(({ task }) => task.id)).size).toBe(2);
    expect(receipts.at(-1)?.task.payload).toEqual([1, 2, 3]);
    expect(await count("task")).toBe(2);
  });

  it("answers with a task also when the one that had it is gone", async () => {
    const { tasks, store } = await fixtures.open(engine);
    await tasks.enqueue(asking("first", "skip", 60));
    for (const table of ["task_body", "task"] as const)
      await sql`delete from ${store.table(table)}`.execute(store.db);
    expect(await tasks.enqueue(asking("second", "skip", 60))).toMatchObject({
      created: true,
      task: { payload: "second" },
    });
  });

  it("that debounces the head of a lane lets the next one go, and brings the head back when it is due", async () => {
    const { tasks, makeDue } = await fixtures.open(engine);
    const head = { ...asking("head", "debounce"), lane: "l" };
    await tasks.enqueue(head);
    await tasks.enqueue({ type: "t", payload: "next", lane: "l" });
    await tasks.enqueue({ ...head, payload: "later", delay_ms: hour });
    expect(await ranWith(tasks)).toEqual(["next"]);
    await makeDue();
    expect(await ranWith(tasks)).toEqual(["later"]);
  });

  it.each(["replace", "merge"] as const)(
    "that would %s one in the line of a lane leaves its place",
    async (how) => {
      const { tasks } = await fixtures.open(engine);
      await tasks.enqueue({ type: "t", payload: ["head"], lane: "l" });
      await tasks.enqueue({ ...asking(["second"], how), lane: "l" });
      await tasks.enqueue({ type: "t", payload: ["third"], lane: "l" });
      await tasks.enqueue({ ...asking(["changed"], how), lane: "l" });
      const changed = how === "merge" ? ["second", "changed"] : ["changed"];
      expect(await ranWith(tasks)).toEqual([["head"], changed, ["third"]]);
    },
  );

  it("works the same in the caller's transaction", async () => {
    const { tasks, database, count } = await fixtures.open(engine);
    const [first, second] = await database.kysely
      .transaction()
      .execute(async (trx) => [
        await tasks.enqueue(asking([1], "merge"), { trx }),
        await tasks.enqueue(asking([2], "merge"), { trx }),
      ]);
    expect(second).toMatchObject({ created: false, task: { id: first?.task.id, payload: [1, 2] } });
    expect(await count("task")).toBe(1);
  });
});

describe.each(testEngines)("a dedupe key beside an idempotency key on %s", (engine) => {
  it.each(conflicts)("changes nothing when the same request comes again (%s)", async (how) => {
    const { tasks, count } = await fixtures.open(engine);
    const request = { ...asking([1], how), delay_ms: hour, idempotency_key: "request 1" };
    const first = await tasks.enqueue(request);
    const again = await tasks.enqueue(request);
    expect(again).toEqual({ task: first.task, created: false });
    expect(await count("task")).toBe(1);
  });

  it.each(conflicts)("is a conflict when the request of that key was another (%s)", async (how) => {
    const { tasks } = await fixtures.open(engine);
    const request = { ...asking([1], how), idempotency_key: "request 1" };
    const { task } = await tasks.enqueue(request);
    await expect(tasks.enqueue({ ...request, payload: [2] })).rejects.toMatchObject({
      code: "TASK_IDEMPOTENCY_CONFLICT",
    });
    expect(await tasks.get(task.id)).toMatchObject({ payload: [1] });
  });

  it("gives the task of the request back, not the one that has the dedupe key by now", async () => {
    const { tasks } = await fixtures.open(engine);
    const request = { ...asking("first"), idempotency_key: "request 1" };
    const first = await tasks.enqueue(request);
    expect(await ranWith(tasks)).toEqual(["first"]);
    await tasks.enqueue({ ...asking("second"), idempotency_key: "request 2" });
    const again = await tasks.enqueue(request);
    expect(again).toMatchObject({ created: false, task: { id: first.task.id, state: "complete" } });
  });
});

describe("a dedupe key on postgres", () => {
  it.each(conflicts)("that two processes ask for 50 times at once has one pending task (%s)", async (how) => {
    const { tasks, again, count } = await fixtures.open("postgres");
    const calls = [tasks, again()].flatMap((one, caller) =>
      Array.from({ length: 25 }, (_, n) => one.enqueue(asking([caller, n], how))),
    );
    const receipts = await Promise.all(calls);
    expect(receipts.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(receipts.map(({ task }) => task.id)).size).toBe(1);
    expect(await count("task")).toBe(1);
    const stored = await tasks.get(receipts[0]?.task.id ?? "");
    expect(stored?.payload).toHaveLength(how === "merge" ? 100 : 2);
  });

  it("asked for while workers run its tasks never has two pending ones, and loses no merged payload", async () => {
    const { tasks, again, store } = await fixtures.open("postgres");
    const seen: number[] = [];
    const worker = again().createWorker({
      pollMs: 5,
      handlers: { t: async ({ payload }) => void seen.push(...(payload as number[])) },
    });
    await worker.start();
    const most = async (): Promise<number> => {
      const { rows } = await sql<{ n: number }>`
        select count(*) as n from ${store.table("task")} where state = 'pending' and fence = 0`.execute(
        store.db,
      );
      return rows[0]?.n ?? 0;
    };
    const counts: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        await tasks.enqueue(asking([n], "merge"));
        counts.push(await most());
      }),
    );
    await expect.poll(() => seen.length, patient).toBe(50);
    await worker.stop();
    expect(Math.max(...counts)).toBeLessThanOrEqual(1);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  it("whose task is in a lane that another transaction has locked is waited for, without a deadlock", async () => {
    const fixture = await fixtures.open("postgres");
    const { database, tasks } = fixture;
    const planned = { ...asking("first", "debounce"), delay_ms: hour };
    const { task } = await tasks.enqueue({ ...planned, lane: "l" });
    let waiting: Promise<EnqueueReceipt> | undefined;
    await database.kysely.transaction().execute(async (trx) => {
      await tasks.enqueue({ type: "t", lane: "l" }, { trx });
      waiting = outside(() => tasks.enqueue({ ...planned, payload: "second" }));
      await expect.poll(() => outside(() => waitingForLanes(fixture)), patient).toBe(1);
      const mine = await tasks.enqueue({ ...planned, lane: "l", payload: "mine" }, { trx });
      expect(mine.task.id).toBe(task.id);
    });
    expect(await waiting).toMatchObject({ created: false, task: { id: task.id, payload: "second" } });
  });
});

function asking(payload: unknown, how?: Dedupe["on_conflict"], window?: number): TaskInput {
  const dedupe = { key: "k", ...(how && { on_conflict: how }), ...(window && { window_seconds: window }) };
  return { type: "t", payload: payload as never, dedupe };
}

/** Runs the one task that is due, and ends it when `work` is done. */
async function whileItRuns(tasks: Tasks, work: () => Promise<void>): Promise<void> {
  const gate = Promise.withResolvers<void>();
  const worker = tasks.createWorker({ handlers: { t: () => gate.promise }, concurrency: 1 });
  await worker.tick();
  await work();
  gate.resolve();
  await worker.stop();
}

/** The transaction that a test is in must not be seen by what another caller does meanwhile. */
const outside = AsyncLocalStorage.snapshot();

async function waitingForLanes({ store }: TasksFixture): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from pg_locks
    where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`.execute(store.db);
  return rows[0]?.n ?? 0;
}
