import { parseArrayLiteral } from "./array-literal.ts";
import { DatabaseError } from "./errors.ts";

/** Turns the text of one column value into what callers see. */
export type ColumnParser = (text: string) => unknown;

/**
 * What each column type becomes, by type id; both engines read with this one table.
 *
 * | column                                    | value                                             |
 * | ----------------------------------------- | ------------------------------------------------- |
 * | int2, int4, int8, oid, float4, float8     | number (an int8 beyond 2^53 - 1 throws)           |
 * | boolean                                   | boolean                                           |
 * | timestamptz                               | Date (milliseconds; infinity and BC throw)        |
 * | timestamp, date, time, timetz, interval   | string as Postgres writes it: they name no moment |
 * | numeric, uuid, text and all other types   | string                                            |
 * | bytea                                     | Uint8Array                                        |
 * | json, jsonb                               | parsed                                            |
 * | arrays of these                           | arrays of these, with null where NULL is          |
 */
export const columnParsers: Readonly<Record<number, ColumnParser>> = withArrays([
  { oid: 16, arrayOid: 1000, parse: (text) => text === "t" },
  { oid: 17, arrayOid: 1001, parse: parseBytes },
  { oid: 20, arrayOid: 1016, parse: parseSafeInteger },
  { oid: 21, arrayOid: 1005, parse: Number },
  { oid: 23, arrayOid: 1007, parse: Number },
  { oid: 26, arrayOid: 1028, parse: Number },
  { oid: 700, arrayOid: 1021, parse: Number },
  { oid: 701, arrayOid: 1022, parse: Number },
  { oid: 114, arrayOid: 199, parse: parseJson },
  { oid: 3802, arrayOid: 3807, parse: parseJson },
  { oid: 1184, arrayOid: 1185, parse: parseMoment },
  { oid: 18, arrayOid: 1002, parse: asWritten },
  { oid: 19, arrayOid: 1003, parse: asWritten },
  { oid: 25, arrayOid: 1009, parse: asWritten },
  { oid: 1042, arrayOid: 1014, parse: asWritten },
  { oid: 1043, arrayOid: 1015, parse: asWritten },
  { oid: 1082, arrayOid: 1182, parse: asWritten },
  { oid: 1083, arrayOid: 1183, parse: asWritten },
  { oid: 1114, arrayOid: 1115, parse: asWritten },
  { oid: 1186, arrayOid: 1187, parse: asWritten },
  { oid: 1266, arrayOid: 1270, parse: asWritten },
  { oid: 1700, arrayOid: 1231, parse: asWritten },
  { oid: 2950, arrayOid: 2951, parse: asWritten },
]);

/** Settings every session begins with, so that neither the text that is read nor what is seen depends on the server. */
export const sessionSettings: string = [
  "set timezone = 'UTC'",
  "set datestyle = 'ISO'",
  "set intervalstyle = 'postgres'",
  "set bytea_output = 'hex'",
  "set extra_float_digits = 1",
  "set default_transaction_isolation = 'read committed'",
].join("; ");

/** The parser of a column type; a type that is not in the table stays the text that Postgres wrote. */
export function columnParser(oid: number): ColumnParser {
  return columnParsers[oid] ?? asWritten;
}

interface ColumnType {
  readonly oid: number;
  readonly arrayOid: number;
  readonly parse: ColumnParser;
}

function withArrays(types: readonly ColumnType[]): Record<number, ColumnParser> {
  return Object.fromEntries(
    types.flatMap(({ oid, arrayOid, parse }) => [
      [oid, parse],
      [arrayOid, (text: string) => parseArrayLiteral(text, parse)],
    ]),
  );
}

function asWritten(text: string): string {
  return text;
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}

function parseBytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.slice(2), "hex"));
}

function parseSafeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw unrepresentable(
    text,
    "is beyond the safe integers of JavaScript. Select it as text (`column::text`)",
  );
}

function parseMoment(text: string): Date {
  if (isUsualMoment(text)) return parseUsualMoment(text);
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)(?::?(\d\d))?$/.exec(text);
  if (match !== null) return new Date(`${match[1]}T${match[2]}${match[3]}:${match[4] ?? "00"}`);
  throw unrepresentable(text, "has no equal among JavaScript's dates. Select it as text (`column::text`)");
}

const USUAL_MOMENT = "2030-01-31 08:00:00.123456+00";

function isUsualMoment(text: string): boolean {
  const isAsLong = text.length === USUAL_MOMENT.length && text.endsWith("+00");
  // A year below 1000 means another century to Date.UTC.
  return isAsLong && text[0] !== "0" && text[4] === "-";
}

/** Four times as fast as the pattern; rows have many moments. */
function parseUsualMoment(text: string): Date {
  const at = (index: number): number => text.charCodeAt(index) - 48;
  const two = (index: number): number => at(index) * 10 + at(index + 1);
  const ms = two(20) * 10 + at(22);
  return new Date(Date.UTC(two(0) * 100 + two(2), two(5) - 1, two(8), two(11), two(14), two(17), ms));
}

function unrepresentable(text: string, reason: string): DatabaseError {
  return new DatabaseError({
    code: "DATABASE_VALUE_UNREPRESENTABLE",
    message: `The database value ${text} ${reason}.`,
    details: { value: text },
  });
}
