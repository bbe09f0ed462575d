import { setTimeout as delay } from "node:timers/promises";
import { sql, type Kysely } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { createTestDatabases, freshSchema, openTestDatabase, testEngines } from "./test-database.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

const outerHandle = { code: "DATABASE_OUTER_HANDLE", message: expect.stringContaining("Pass the `trx`") };

describe.each(testEngines)("on %s", (engine) => {
  async function open(): Promise<{ outer: Kysely<{ item: { n: number } }>; schema: string }> {
    const { kysely } = await databases.open(engine);
    const schema = freshSchema();
    await sql`create schema ${sql.id(schema)}`.execute(kysely);
    await sql`create table ${sql.id(schema, "item")} (n int4 not null)`.execute(kysely);
    return { outer: kysely.withSchema(schema).$extendTables<{ item: { n: number } }>(), schema };
  }

  async function numbers(db: Kysely<{ item: { n: number } }>): Promise<number[]> {
    const rows = await db.selectFrom("item").select("n").orderBy("n").execute();
    return rows.map(({ n }) => n);
  }

  test("the outer handle inside a transaction throws at once and the transaction is rolled back", async () => {
    const { outer } = await open();
    const work = outer.transaction().execute(async (trx) => {
      await trx.insertInto("item").values({ n: 1 }).execute();
      await outer.insertInto("item").values({ n: 2 }).execute();
    });
    await expect(work).rejects.toMatchObject(outerHandle);
    expect(await numbers(outer)).toEqual([]);
  });

  test("a second transaction of the outer handle inside the first throws", async () => {
    const { outer } = await open();
    const work = outer.transaction().execute(async () => outer.transaction().execute(async () => 1));
    await expect(work).rejects.toMatchObject(outerHandle);
  });

  test("the outer handle inside a connection throws", async () => {
    const { outer } = await open();
    const work = outer.connection().execute(async () => numbers(outer));
    await expect(work).rejects.toMatchObject(outerHandle);
  });

  test("a transaction of the connection's own handle works, and guards too", async () => {
    const { outer } = await open();
    await outer.connection().execute(async (connection) => {
      await connection.transaction().execute(async (trx) => {
        await trx.insertInto("item").values({ n: 1 }).execute();
        await expect(numbers(outer)).rejects.toMatchObject(outerHandle);
      });
      expect(await numbers(connection)).toEqual([1]);
    });
  });

  test("listening, notifying, migrating and closing inside a transaction throw", async () => {
    const database = await databases.open(engine);
    await database.kysely.transaction().execute(async () => {
      await expect(database.listen("c", () => undefined)).rejects.toMatchObject(outerHandle);
      await expect(database.notify("c", "")).rejects.toMatchObject(outerHandle);
      await expect(database.migrate([])).rejects.toMatchObject(outerHandle);
      await expect(database.close()).rejects.toMatchObject(outerHandle);
    });
    await sql`select 1`.execute(database.kysely);
  });

  test("a callback that was started inside may use the outer handle after the end", async () => {
    const { outer } = await open();
    const later = await outer.transaction().execute(async (trx) => {
      await trx.insertInto("item").values({ n: 1 }).execute();
      return { numbers: delay(50).then(() => numbers(outer)) };
    });
    expect(await later.numbers).toEqual([1]);
  });

  test("two databases do not disturb each other", async () => {
    const { outer } = await open();
    const other = await openTestDatabase(engine === "pglite" ? "postgres" : "pglite");
    const one = await outer.transaction().execute(async () => {
      const { rows } = await sql<{ one: number }>`select 1 as one`.execute(other.kysely);
      return rows[0]?.one;
    });
    await other.close();
    expect(one).toBe(1);
  });

  test("thirty concurrent transactions all succeed", async () => {
    const { outer } = await open();
    const all = Array.from({ length: 30 }, (_, n) =>
      outer.transaction().execute(async (trx) => {
        await trx.insertInto("item").values({ n }).execute();
        await delay(1);
        await trx.insertInto("item").values({ n }).execute();
      }),
    );
    await Promise.all(all);
    expect(await numbers(outer)).toHaveLength(60);
  });

  test("a savepoint can be rolled back alone", async () => {
    const { outer } = await open();
    const trx = await outer.startTransaction().execute();
    await trx.insertInto("item").values({ n: 1 }).execute();
    const inner = await trx.savepoint("inner").execute();
    await inner.insertInto("item").values({ n: 2 }).execute();
    await inner.rollbackToSavepoint("inner").execute();
    await trx.commit().execute();
    expect(await numbers(outer)).toEqual([1]);
  });

  test("a transaction that a statement aborted is not committed in silence", async () => {
    const { outer } = await open();
    const work = outer.transaction().execute(async (trx) => {
      await trx.insertInto("item").values({ n: 1 }).execute();
      await sql`select 1 / 0`.execute(trx).catch(() => undefined);
    });
    await expect(work).rejects.toThrow(/rolled back instead of committed/);
    expect(await numbers(outer)).toEqual([]);
  });

  test("the isolation level and access mode are honoured", async () => {
    const { outer } = await open();
    const work = outer
      .transaction()
      .setIsolationLevel("serializable")
      .setAccessMode("read only")
      .execute(async (trx) => {
        const { rows } = await sql<{ transaction_isolation: string }>`show transaction_isolation`.execute(
          trx,
        );
        expect(rows[0]?.transaction_isolation).toBe("serializable");
        await trx.insertInto("item").values({ n: 1 }).execute();
      });
    await expect(work).rejects.toMatchObject({ code: "25006" });
  });

  test("closing refuses new work, waits for running work, and may be done twice", async () => {
    const database = await openTestDatabase(engine);
    const running = database.kysely.transaction().execute(async (trx) => {
      await delay(50);
      const { rows } = await sql<{ one: number }>`select 1 as one`.execute(trx);
      return rows[0]?.one;
    });
    const closing = database.close();
    await expect(sql`select 1`.execute(database.kysely)).rejects.toMatchObject({ code: "DATABASE_CLOSED" });
    await expect(database.listen("c", () => undefined)).rejects.toMatchObject({ code: "DATABASE_CLOSED" });
    expect(await running).toBe(1);
    await closing;
    await database.close();
  });
});
