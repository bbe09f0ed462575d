import { sql, type RawBuilder } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { createTestDatabases, testEngines } from "./test-database.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

const bytes = Uint8Array.of(0, 1, 127, 128, 255);
const moment = new Date("2024-02-29T12:30:00.123Z");

const columns: readonly [string, RawBuilder<unknown>, unknown][] = [
  ["int2", sql`7::int2`, 7],
  ["int4", sql`(-7)::int4`, -7],
  ["int8", sql`9007199254740991::int8`, Number.MAX_SAFE_INTEGER],
  ["count", sql`count(*)`, 1],
  ["oid", sql`23::oid`, 23],
  ["float4", sql`1.5::float4`, 1.5],
  ["float8", sql`0.1::float8 + 0.2::float8`, 0.1 + 0.2],
  ["infinite float8", sql`'-Infinity'::float8`, -Infinity],
  ["numeric", sql`12345678901234567890.10::numeric`, "12345678901234567890.10"],
  ["boolean", sql`true`, true],
  ["false", sql`false`, false],
  ["text", sql`'a text'::text`, "a text"],
  ["varchar", sql`'a text'::varchar(10)`, "a text"],
  ["uuid", sql`'6F9619FF-8B86-D011-B42D-00C04FC964FF'::uuid`, "6f9619ff-8b86-d011-b42d-00c04fc964ff"],
  ["timestamptz", sql`'2024-02-29 14:30:00.123456+02'::timestamptz`, moment],
  ["timestamptz of old", sql`'1890-01-01 00:00:00+00'::timestamptz`, new Date("1890-01-01T00:00:00Z")],
  ["timestamp", sql`'2024-02-29 12:30:00.5'::timestamp`, "2024-02-29 12:30:00.5"],
  ["date", sql`'2024-02-29'::date`, "2024-02-29"],
  ["time", sql`'12:30'::time`, "12:30:00"],
  ["interval", sql`'1 day 02:03:04'::interval`, "1 day 02:03:04"],
  ["bytea", sql`'\\x00017f80ff'::bytea`, bytes],
  ["json", sql`'{"a":[1,null]}'::json`, { a: [1, null] }],
  ["jsonb", sql`'{"a":[1,null]}'::jsonb`, { a: [1, null] }],
  ["jsonb null", sql`'null'::jsonb`, null],
  ["null", sql`null::int8`, null],
  ["inet", sql`'10.0.0.1/8'::inet`, "10.0.0.1/8"],
  ["text[]", sql`array['a','b,c',null,'"']`, ["a", "b,c", null, '"']],
  ["int8[]", sql`array[1,2]::int8[]`, [1, 2]],
  [
    "int4[][]",
    sql`array[[1,2],[3,4]]`,
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ["boolean[]", sql`array[true,false]`, [true, false]],
  ["timestamptz[]", sql`array['2024-02-29 12:30:00.123+00'::timestamptz]`, [moment]],
  ["jsonb[]", sql`array['{"a":1}'::jsonb]`, [{ a: 1 }]],
  ["bytea[]", sql`array['\\x00017f80ff'::bytea]`, [bytes]],
];

const parameters: readonly [string, RawBuilder<unknown>, unknown][] = [
  ["a Date into timestamptz", sql`${moment}::timestamptz`, moment],
  ["a Date into timestamp", sql`${moment}::timestamp`, "2024-02-29 12:30:00.123"],
  ["bytes", sql`${bytes}::bytea`, bytes],
  ["a part of a buffer", sql`${bytes.subarray(1, 3)}::bytea`, Uint8Array.of(1, 127)],
  ["a list of texts", sql`${["a", "b,c", 'd"', ""]}::text[]`, ["a", "b,c", 'd"', ""]],
  ["an empty list", sql`${[]}::text[]`, []],
  ["a list of numbers", sql`${[1, 2]}::int8[]`, [1, 2]],
  ["a list of Dates", sql`${[moment]}::timestamptz[]`, [moment]],
  ["a list of bytes", sql`${[bytes]}::bytea[]`, [bytes]],
  ["null", sql`${null}::int8`, null],
  ["undefined", sql`${undefined}::text`, null],
  ["JSON as text", sql`${JSON.stringify([1, { a: "b" }])}::jsonb`, [1, { a: "b" }]],
  ["an object", sql`${{ a: "b" }}::jsonb`, { a: "b" }],
  ["a number into int8", sql`${2 ** 40}::int8`, 2 ** 40],
  ["a number into float8", sql`${0.1}::float8`, 0.1],
  ["a number into numeric", sql`${1.5}::numeric`, "1.5"],
  ["a bigint", sql`${5n}::int8`, 5],
  ["a boolean", sql`${true}::boolean`, true],
  ["a number into text", sql`${5}::text`, "5"],
  ["any of a list", sql`'b' = any(${["a", "b"]}::text[])`, true],
];

describe.each(testEngines)("on %s", (engine) => {
  async function select(value: RawBuilder<unknown>): Promise<unknown> {
    const { kysely } = await databases.open(engine);
    const { rows } = await sql<{ value: unknown }>`select ${value} as value`.execute(kysely);
    return rows[0]?.value;
  }

  test.each(columns)("%s is read as documented", async (_name, column, expected) => {
    const value = await select(column);
    expect(value).toEqual(expected);
    if (expected instanceof Uint8Array) expect(value?.constructor).toBe(Uint8Array);
  });

  test.each(parameters)("%s is a parameter", async (_name, parameter, expected) => {
    expect(await select(parameter)).toEqual(expected);
  });

  test.each([
    ["9007199254740993::int8", sql`9007199254740993::int8`],
    ["an array with it", sql`array[9007199254740993::int8]`],
    ["'infinity'::timestamptz", sql`'infinity'::timestamptz`],
    ["a date before Christ", sql`'0044-03-15 00:00:00+00 BC'::timestamptz`],
    ["an invalid Date", sql`${new Date(Number.NaN)}::timestamptz`],
  ])("%s throws rather than changing its value", async (_name, column) => {
    await expect(select(column)).rejects.toMatchObject({ code: "DATABASE_VALUE_UNREPRESENTABLE" });
    expect(await select(sql`1`)).toBe(1);
  });

  test("a session with another time zone reads the same moment", async () => {
    const { kysely } = await databases.open(engine);
    const value = await kysely.transaction().execute(async (trx) => {
      await sql`set local timezone = 'Asia/Kolkata'`.execute(trx);
      const { rows } = await sql<{ value: Date }>`select ${moment}::timestamptz as value`.execute(trx);
      return rows[0]?.value;
    });
    expect(value).toEqual(moment);
  });

  test("the number of changed rows is known", async () => {
    const { kysely } = await databases.open(engine);
    await sql`create table counted (n int4)`.execute(kysely);
    const inserted = await sql`insert into counted values (1), (2), (3)`.execute(kysely);
    const updated = await sql`update counted set n = n + 1 where n > 1`.execute(kysely);
    expect([inserted.numAffectedRows, updated.numAffectedRows]).toEqual([3n, 2n]);
  });

  test("an error carries its SQLSTATE", async () => {
    await expect(select(sql`1 / 0`)).rejects.toMatchObject({ code: "22012" });
  });
});
