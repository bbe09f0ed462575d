import type { Database } from "@core/database";
import { testEngines } from "@core/database/testing";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { createTasks } from "../create-tasks.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import type { EnqueueReceipt, Task, TaskInput } from "./task.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const fullInput: TaskInput = {
  type: "agent",
  prompt: 'Say "hi" to ünïcödé 👋\n',
  payload: { list: [1, 2.5, -3, 1e21, 1e-7], nested: { empty: {}, none: null }, gone: undefined as never },
  queue: "mail",
  lane: "lane 1",
  limit_key: "customer",
  reason: "scheduled",
  title: "",
  bot_id: "b",
  session_id: "s",
  channel_id: "c",
  correlation_id: "corr",
  dispatch_type: "test",
  dispatch_config: { room: 1, deep: { list: ["a"] } },
  callback_config: { bot: "b" },
  execution_config: { system_preamble: "Be short.", tools: ["a"], skills: [] },
  origin: { integration: "chat", ref: { ts: "1.2" } },
  trace_context: { traceparent: "00-1-2-01" },
  priority: -7,
  max_attempts: 4,
  max_run_seconds: 77,
};

const inputs: readonly (readonly [string, TaskInput])[] = [
  ["the least", { prompt: "" }],
  ["the most", fullInput],
  ["a time to come", { type: "t", scheduled_at: new Date("2100-01-01T10:00:00.123Z") }],
  ["a time that is past", { type: "t", scheduled_at: new Date("2020-01-01T10:00:00.123Z") }],
  ["a delay", { type: "t", delay_ms: 123_456 }],
  ["a delay of nothing", { type: "t", delay_ms: 0 }],
  ["a type that is not known here yet", { prompt: "x", dispatch_type: "later", strict: false }],
  ["no target on purpose", { prompt: "x", dispatch_type: "none" }],
  ...[null, 0, -0, Number.NaN, "", "text", false, [], {}, [[], [null]]].map(
    (payload) => [`the payload ${JSON.stringify(payload)}`, { type: "t", payload }] as const,
  ),
];

describe.each(testEngines)("the receipt on %s", (engine) => {
  it.each(inputs)(
    "of a task with %s says what is read of it afterwards, field by field",
    async (_, given) => {
      const fixture = await openWithTest(engine);
      const { tasks, database } = fixture;
      const { task: parent } = await tasks.enqueue({ type: "t" });
      const input = given === fullInput ? { ...given, parent_task_id: parent.id.toUpperCase() } : given;
      const alone = await tasks.enqueue(input);
      const [first, second] = await tasks.enqueueMany([input, input]);
      const keyed = await tasks.enqueue({ ...input, idempotency_key: "k" });
      const inTransaction = await database.kysely
        .transaction()
        .execute((trx) => tasks.enqueue(input, { trx }));
      for (const receipt of [alone, first, second, keyed, inTransaction]) {
        expect(receipt?.created).toBe(true);
        expect(receipt?.task).toStrictEqual(await readOf(fixture, receipt));
      }
    },
  );

  it("stays apart from what the caller does with the input", async () => {
    const fixture = await openWithTest(engine);
    const payload = { list: [1] };
    const receipt = await fixture.tasks.enqueue({ type: "t", payload });
    payload.list.push(2);
    expect(receipt.task.payload).toEqual({ list: [1] });
    expect(await readOf(fixture, receipt)).toMatchObject({ payload: { list: [1] } });
  });
});

describe.each(testEngines)("enqueueMany on %s", (engine) => {
  it("stores many in one round trip, in order", async () => {
    const { database, schema, store } = await fixtures.open(engine);
    const counting = countStatements(database.kysely);
    const tasks = createTasks({ database: { ...database, kysely: counting.kysely }, schema });
    const receipts = await tasks.enqueueMany(numbered(300));
    expect(counting.count()).toBe(1);
    expect(receipts.map(({ task, created }) => [task.payload, created])).toEqual(
      numbered(300).map(({ payload }) => [payload, true]),
    );
    const stored = await store.db.selectFrom("task").select("id").orderBy("seq").execute();
    expect(stored.map(({ id }) => id)).toEqual(receipts.map(({ task }) => task.id));
  });

  it("asks once for the lanes of many children", async () => {
    const { tasks, database } = await fixtures.open(engine);
    const { task: parent } = await tasks.enqueue({ type: "t", lane: "l" });
    const child = { type: "t", parent_task_id: parent.id };
    const children = [{ ...child, lane: "l" }, { ...child, lane: "other" }, child, { ...child, lane: "l" }];
    const many = [...children, { type: "t", lane: "l" }];
    const [receipts, statements] = await database.kysely.transaction().execute(async (trx) => {
      const counting = countStatements(trx);
      return [await tasks.enqueueMany(many, { trx: counting.kysely }), counting.count()] as const;
    });
    const beside = `l of ${parent.id}`;
    expect(receipts.map(({ task }) => task.lane)).toEqual([beside, "other", null, beside, "l"]);
    expect(statements).toBe(2);
    const outside = await tasks.enqueueMany(many);
    expect(outside.map(({ task }) => task.lane)).toEqual([beside, "other", null, beside, "l"]);
  });

  it("runs those of one lane in the order of the list", async () => {
    const { tasks } = await fixtures.open(engine);
    await tasks.enqueueMany(numbered(12).map((input, n) => ({ ...input, lane: `lane ${n % 2}` })));
    const ran = new Map<string | null, unknown[]>();
    const worker = tasks.createWorker({
      handlers: {
        t: async ({ lane, payload }) => void ran.set(lane, [...(ran.get(lane) ?? []), payload]),
      },
    });
    await worker.runUntilIdle();
    await worker.stop();
    expect(ran.get("lane 0")).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ran.get("lane 1")).toEqual([1, 3, 5, 7, 9, 11]);
  });

  it("stores 2,500 in one call, in order", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const receipts = await tasks.enqueueMany(numbered(2_500));
    const stored = await store.db.selectFrom("task").select("id").orderBy("seq").execute();
    expect(stored).toHaveLength(2_500);
    expect(stored.map(({ id }) => id)).toEqual(receipts.map(({ task }) => task.id));
  });

  it("stores none of 2,500 when the database refuses the last", async () => {
    const { tasks, store, count } = await fixtures.open(engine);
    await sql`alter table ${store.table("task")} add check (title <> 'bad')`.execute(store.db);
    const many = tasks.enqueueMany([...numbered(2_499), { type: "t", title: "bad" }]);
    await expect(many).rejects.toMatchObject({ code: "23514" });
    expect(await count("task")).toBe(0);
  });

  it("stores none when one is bad, and names its field", async () => {
    const { tasks, count } = await fixtures.open(engine);
    const many = tasks.enqueueMany([{ type: "t" }, { type: "t", priority: 0.5 }, { type: "t" }]);
    await expect(many).rejects.toMatchObject({
      code: "TASK_INVALID",
      details: { issues: [{ field: "priority" }] },
    });
    expect(await count("task")).toBe(0);
  });

  it("stores none when a key belongs to a task with other fields", async () => {
    const { tasks, count } = await fixtures.open(engine);
    await tasks.enqueue({ type: "t", payload: "first", idempotency_key: "k" });
    const many = tasks.enqueueMany([
      { type: "t" },
      { type: "t", payload: "other", idempotency_key: "k" },
      { type: "t" },
    ]);
    await expect(many).rejects.toMatchObject({ code: "TASK_IDEMPOTENCY_CONFLICT" });
    expect(await count("task")).toBe(1);
  });

  it("stores none in the caller's transaction either when a key belongs to another task", async () => {
    const { tasks, database, count } = await fixtures.open(engine);
    await tasks.enqueue({ type: "t", payload: "first", idempotency_key: "k" });
    await database.kysely.transaction().execute(async (trx) => {
      const many = tasks.enqueueMany([{ type: "t" }, { type: "t", payload: "other", idempotency_key: "k" }], {
        trx,
      });
      await expect(many).rejects.toMatchObject({ code: "TASK_IDEMPOTENCY_CONFLICT" });
      await tasks.enqueue({ type: "t" }, { trx });
    });
    expect(await count("task")).toBe(2);
  });

  it("gives one task for a key that comes twice in one call", async () => {
    const { tasks, count } = await fixtures.open(engine);
    const input = { type: "t", idempotency_key: "k" };
    const [first, other, second] = await tasks.enqueueMany([input, { type: "t" }, input]);
    expect([first?.created, other?.created, second?.created]).toEqual([true, true, false]);
    expect(second?.task).toEqual(first?.task);
    expect(await count("task")).toBe(2);
  });

  it("refuses the outer handle within a transaction", async () => {
    const { tasks, database, count } = await fixtures.open(engine);
    const forgetful = database.kysely.transaction().execute(() => tasks.enqueueMany(numbered(2)));
    await expect(forgetful).rejects.toMatchObject({ code: "DATABASE_OUTER_HANDLE" });
    expect(await count("task")).toBe(0);
  });

  it("does nothing with an empty list", async () => {
    const { tasks, database, count } = await fixtures.open(engine);
    expect(await tasks.enqueueMany([])).toEqual([]);
    const inTransaction = database.kysely.transaction().execute((trx) => tasks.enqueueMany([], { trx }));
    expect(await inTransaction).toEqual([]);
    expect(await count("task")).toBe(0);
  });
});

function numbered(count: number): readonly TaskInput[] {
  return Array.from({ length: count }, (_, payload) => ({ type: "t", payload }));
}

async function openWithTest(engine: Database["engine"]): Promise<TasksFixture> {
  const fixture = await fixtures.open(engine);
  fixture.dispatchers.register("test", recordingDispatcher(), { owner: "test" });
  return fixture;
}

async function readOf({ tasks }: TasksFixture, receipt: EnqueueReceipt | undefined): Promise<Task | null> {
  const read = await tasks.get(receipt?.task.id ?? "");
  if (read === null) return null;
  const { deliveries: _, progress: _progress, log: _log, ...task } = read;
  return task;
}

/** Counts statements that are text, as all of enqueuing are, but for notifications; those of transactions it begins are not seen. */
function countStatements<Handle extends Kysely<unknown>>(
  handle: Handle,
): { readonly kysely: Handle; count(): number } {
  let count = 0;
  const executeQuery: Handle["executeQuery"] = (query, ...more) => {
    if (!("sql" in query && query.sql.startsWith("select pg_notify"))) count += 1;
    return handle.executeQuery(query, ...more);
  };
  return { kysely: Object.assign(handle.withoutPlugins() as Handle, { executeQuery }), count: () => count };
}
