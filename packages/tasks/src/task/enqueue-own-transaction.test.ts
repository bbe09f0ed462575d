import { CamelCasePlugin, Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { OwnTransaction as EnqueueOptions } from "../store/sql-runner.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import type { Task, TaskInput } from "./task.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A transaction of the application's own, which knows nothing of how this package reads columns. */
interface OwnTransaction {
  readonly options: EnqueueOptions;
  /** A statement of the application itself. */
  write(text: string): Promise<unknown>;
}

type InTransaction = (fixture: TasksFixture, work: (own: OwnTransaction) => Promise<void>) => Promise<void>;

/** Thrown by a test that wants its transaction undone. */
class Undo extends Error {}

const withKysely: InTransaction = async (fixture, work) => {
  const pool = new pg.Pool({ connectionString: await urlOf(fixture), max: 1 });
  // Plugins of the application see the rows too.
  const kysely = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin()],
  });
  cleanUps.push(() => kysely.destroy());
  await kysely
    .transaction()
    .execute((trx) => work({ options: { trx }, write: (text) => sql.raw(text).execute(trx) }));
};

const withClient: InTransaction = async (fixture, work) => {
  const client = new pg.Client({ connectionString: await urlOf(fixture) });
  await client.connect();
  cleanUps.push(() => client.end());
  await client.query("begin");
  try {
    await work({ options: { client }, write: (text) => client.query(text) });
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
};

const hour = 3_600_000;
const inputs: readonly TaskInput[] = [
  { prompt: "plain", payload: { n: 1 }, session_id: "s", trace_context: { traceparent: "00" } },
  { type: "t", lane: "l", payload: [1, "two"], scheduled_at: new Date("2100-05-05T05:05:05.555Z") },
  { type: "t", lane: "l", delay_ms: hour },
  { type: "t", idempotency_key: "i", priority: 3, scheduled_at: new Date("2100-05-05T05:05:05.555Z") },
  { type: "t", dedupe: { key: "d", window_seconds: 60 }, lane: "l", payload: { deep: { n: 1.5 } } },
];

describe.each([
  ["another Kysely", withKysely],
  ["a client of pg", withClient],
])("a transaction of %s", (_name, inTransaction) => {
  it.each(inputs)("stores %j if it commits, and gives back what is read of it", async (input) => {
    const fixture = await fixtures.open("postgres");
    let given: Task | undefined;
    await inTransaction(fixture, async ({ options }) => {
      given = (await fixture.tasks.enqueue(input, options)).task;
      expect(await fixture.count("task")).toBe(0);
    });
    expect(given).toStrictEqual(await readOf(fixture, given));
    expect(given?.created_at).toBeInstanceOf(Date);
    expect(given?.run_at).toBeInstanceOf(Date);
  });

  it.each(inputs)("leaves nothing of %j if it is rolled back", async (input) => {
    const fixture = await fixtures.open("postgres");
    const undone = inTransaction(fixture, async ({ options }) => {
      await fixture.tasks.enqueue(input, options);
      await fixture.tasks.enqueueMany([input, { type: "t" }], options);
      throw new Undo();
    });
    await expect(undone).rejects.toBeInstanceOf(Undo);
    for (const table of ["task", "body"] as const) expect(await fixture.count(table)).toBe(0);
    const { rows } = await sql`select * from ${fixture.store.table("task_dedupe")}`.execute(fixture.store.db);
    expect(rows).toEqual([]);
    const { created } = await fixture.tasks.enqueue(input);
    expect(created).toBe(true);
  });

  it("stores many in order, of which some have keys and lanes", async () => {
    const fixture = await fixtures.open("postgres");
    const many = [...inputs, ...inputs];
    const given: Task[] = [];
    const created: boolean[] = [];
    await inTransaction(fixture, async ({ options }) => {
      for (const receipt of await fixture.tasks.enqueueMany(many, options)) {
        given.push(receipt.task);
        created.push(receipt.created);
      }
    });
    expect(created).toEqual([true, true, true, true, true, true, true, true, false, false]);
    for (const task of given) expect(task).toStrictEqual(await readOf(fixture, task));
    const stored = await fixture.store.db.selectFrom("task").select("id").orderBy("seq").execute();
    expect(stored.map(({ id }) => id)).toEqual(given.slice(0, 8).map(({ id }) => id));
  });

  it("gives back a task of before with its moments as dates, also when it has run", async () => {
    const fixture = await fixtures.open("postgres");
    const input = { type: "t", idempotency_key: "i", lane: "l" };
    const { task } = await fixture.tasks.enqueue(input);
    const worker = fixture.tasks.createWorker({ handlers: { t: async () => ({ done: [1, 2.5, null] }) } });
    await worker.runUntilIdle();
    await worker.stop();
    await inTransaction(fixture, async ({ options }) => {
      const again = await fixture.tasks.enqueue(input, options);
      expect(again).toMatchObject({ created: false, task: { id: task.id, state: "complete" } });
      expect(again.task.finished_at).toBeInstanceOf(Date);
      expect(again.task).toStrictEqual(await readOf(fixture, task));
    });
  });

  it("goes on after a conflict of keys, in which nothing was stored", async () => {
    const fixture = await fixtures.open("postgres");
    await fixture.tasks.enqueue({ type: "t", payload: "first", idempotency_key: "i" });
    const other = { type: "t", payload: "other", idempotency_key: "i" };
    await inTransaction(fixture, async ({ options }) => {
      const conflict = { code: "TASK_IDEMPOTENCY_CONFLICT" };
      await expect(fixture.tasks.enqueue(other, options)).rejects.toMatchObject(conflict);
      const many = fixture.tasks.enqueueMany([{ type: "t", lane: "l" }, other], options);
      await expect(many).rejects.toMatchObject(conflict);
      await fixture.tasks.enqueue({ type: "t", lane: "l" }, options);
    });
    expect(await fixture.count("task")).toBe(2);
  });

  it("puts children beside the lane of their parent, also of one that is made in it", async () => {
    const fixture = await fixtures.open("postgres");
    const lanes: (string | null)[] = [];
    let parentId = "";
    await inTransaction(fixture, async ({ options }) => {
      const { task: parent } = await fixture.tasks.enqueue({ type: "t", lane: "l" }, options);
      const child = { type: "t", lane: "l", parent_task_id: parent.id };
      const receipts = await fixture.tasks.enqueueMany([child, child], options);
      lanes.push(...receipts.map(({ task }) => task.lane));
      parentId = parent.id;
    });
    expect(lanes).toEqual([`l of ${parentId}`, `l of ${parentId}`]);
  });

  it("lets a worker run what it has committed, together with what the application wrote", async () => {
    const fixture = await fixtures.open("postgres");
    const table = `"${fixture.schema}".orders`;
    await sql.raw(`create table ${table} (n int)`).execute(fixture.database.kysely);
    await inTransaction(fixture, async ({ options, write }) => {
      await write(`insert into ${table} values (7)`);
      await fixture.tasks.enqueue({ type: "t", lane: "l" }, options);
    });
    const seen: unknown[] = [];
    const worker = fixture.tasks.createWorker({
      handlers: {
        t: async () => {
          const { rows } = await sql.raw(`select n from ${table}`).execute(fixture.database.kysely);
          seen.push(...rows);
        },
      },
    });
    await worker.runUntilIdle();
    await worker.stop();
    expect(seen).toEqual([{ n: 7 }]);
  });
});

/** The database of a fixture, for connections that are not its own. */
async function urlOf({ database }: TasksFixture): Promise<string> {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(database.kysely);
  const url = new URL(process.env["TEST_POSTGRES_URL"] ?? "");
  url.pathname = `/${rows[0]?.name ?? ""}`;
  return url.href;
}

async function readOf({ tasks }: TasksFixture, given: Task | undefined): Promise<Task | null> {
  const read = await tasks.get(given?.id ?? "");
  if (read === null) return null;
  const { deliveries: _, progress: _progress, log: _log, ...task } = read;
  return task;
}
