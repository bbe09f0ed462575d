import { CompiledQuery } from "kysely";
import { describe, expect, test } from "vitest";
import type { Database } from "./database.ts";
import { openDatabase } from "./open-database.ts";
import { prepared } from "./prepared-statements.ts";

const doubled = prepared("select $1::int * 2 as answer");

describe("prepared statements", () => {
  test("a marked text is prepared once and used again, others are not", async () => {
    await using server = await openOne();
    for (const number of [1, 2, 3]) expect(await run(server.database, doubled, [number])).toBe(number * 2);
    expect(await run(server.database, "select $1::int as answer", [5])).toBe(5);
    expect(await preparedTexts(server.database)).toEqual([doubled]);
  });

  test("a connection that has forgotten them, as behind a pooler, is served without, and that is said once", async () => {
    await using server = await openOne();
    await run(server.database, doubled, [1]);
    await run(server.database, "deallocate all", []);
    expect(await run(server.database, doubled, [2])).toBe(4);
    expect(await run(server.database, doubled, [3])).toBe(6);
    expect(await preparedTexts(server.database)).toEqual([]);
    expect(server.warnings).toEqual([expect.stringContaining("pooler")]);
  });

  test("a transaction that meets such a connection fails, the next one does not", async () => {
    await using server = await openOne();
    const { kysely } = server.database;
    await run(server.database, doubled, [1]);
    const forgetful = kysely.transaction().execute(async (trx) => {
      await trx.executeQuery(CompiledQuery.raw("deallocate all"));
      await trx.executeQuery(CompiledQuery.raw(doubled, [2]));
    });
    await expect(forgetful).rejects.toMatchObject({ code: "26000" });
    const next = kysely.transaction().execute((trx) => trx.executeQuery(CompiledQuery.raw(doubled, [2])));
    expect((await next).rows).toEqual([{ answer: 4 }]);
  });

  test("the embedded engine reads the mark as a comment", async () => {
    await using database = await openDatabase({ memory: true });
    expect(await run(database, doubled, [4])).toBe(8);
  });
});

async function openOne() {
  const warnings: string[] = [];
  const database = await openDatabase({
    url: process.env["TEST_POSTGRES_URL"] ?? "",
    poolSize: 1,
    logger: { warn: (_fields, message) => void warnings.push(message) },
  });
  return { database, warnings, [Symbol.asyncDispose]: () => database.close() };
}

async function run(
  { kysely }: Database,
  text: string,
  parameters: readonly unknown[],
): Promise<number | undefined> {
  const query = CompiledQuery.raw(text, [...parameters]);
  return (await kysely.executeQuery<{ answer: number }>(query)).rows[0]?.answer;
}

async function preparedTexts({ kysely }: Database): Promise<readonly string[]> {
  const query = CompiledQuery.raw("select statement from pg_prepared_statements");
  return (await kysely.executeQuery<{ statement: string }>(query)).rows.map(({ statement }) => statement);
}
