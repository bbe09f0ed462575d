import type { FieldIssue } from "@core/registry";
import { invalidLimit } from "../errors.ts";
import { hasLengthOfName, NAME_LIMIT, unknownFields } from "../field-issues.ts";
import { unstorableText } from "../store/storable-text.ts";
import type { LimitInput, LimitScope, LimitStrategy, LimitTarget } from "./limit.ts";

/** A target as the tables have it. */
interface ScopedName {
  readonly scope: LimitScope;
  readonly name: string;
}

const scopes: readonly LimitScope[] = ["type", "queue", "key"];
const strategies: readonly LimitStrategy[] = ["queue", "skip", "cancel_running"];
const settings: readonly string[] = ["concurrency", "rate", "strategy"];

const MOST_AT_ONCE = 1_000_000;
const LONGEST_MS = 366 * 24 * 60 * 60 * 1_000;

/** @throws TasksError LIMIT_INVALID naming every wrong field */
export function limitInput(input: LimitInput): ScopedName {
  const fields: Partial<Record<string, unknown>> = { ...input };
  const { concurrency, rate, strategy } = fields;
  return checked(fields, "The limit was not set.", [
    ...unknownFields(fields, [...scopes, ...settings]),
    ...(concurrency === undefined && rate === undefined
      ? [issue("concurrency", "Give concurrency, rate or both; to take a limit away, remove it.")]
      : []),
    ...(concurrency === undefined ? [] : wholeNumber("concurrency", concurrency, MOST_AT_ONCE)),
    ...(rate === undefined ? [] : rateIssues(rate)),
    ...strategyIssues(strategy, concurrency),
  ]);
}

/** @throws TasksError LIMIT_INVALID */
export function limitTarget(target: LimitTarget, refusal: string): ScopedName {
  const fields: Partial<Record<string, unknown>> = { ...target };
  return checked(fields, refusal, unknownFields(fields, scopes));
}

/** The other way round. */
export function targetOf({ scope, name }: ScopedName): LimitTarget {
  switch (scope) {
    case "type":
      return { type: name };
    case "queue":
      return { queue: name };
    case "key":
      return { key: name };
  }
}

function checked(
  fields: Partial<Record<string, unknown>>,
  refusal: string,
  others: readonly FieldIssue[],
): ScopedName {
  const named = scopes.filter((scope) => fields[scope] !== undefined);
  const [scope] = named;
  const name = scope && fields[scope];
  const issues = [
    ...(named.length === 1 ? [] : [issue(named.join(", "), "Name one type, one queue or one key.")]),
    ...named.flatMap((one) => nameIssues(one, fields[one])),
    ...others,
  ];
  if (issues.length > 0 || scope === undefined || typeof name !== "string")
    throw invalidLimit(refusal, issues);
  return { scope, name };
}

function nameIssues(field: string, name: unknown): FieldIssue[] {
  if (hasLengthOfName(name)) return unstorableText(name, field);
  return [issue(field, `Give 1 to ${NAME_LIMIT} characters.`)];
}

function rateIssues(rate: unknown): FieldIssue[] {
  if (typeof rate !== "object" || rate === null)
    return [issue("rate", "Give { count, per_ms }, or leave rate out.")];
  const { count, per_ms: perMs, ...others }: Partial<Record<string, unknown>> = { ...rate };
  return [
    ...wholeNumber("rate.count", count, MOST_AT_ONCE),
    ...wholeNumber("rate.per_ms", perMs, LONGEST_MS),
    ...unknownFields(others, []).map((one) => ({ ...one, field: `rate.${one.field}` })),
  ];
}

function strategyIssues(strategy: unknown, concurrency: unknown): FieldIssue[] {
  if (strategy === undefined || strategy === "queue") return [];
  const known = strategies.find((one) => one === strategy);
  if (known === undefined)
    return [issue("strategy", `Give one of ${strategies.join(", ")}, or leave strategy out.`)];
  return concurrency === undefined
    ? [issue("strategy", `"${known}" looks at how many run at once: give concurrency too.`)]
    : [];
}

function wholeNumber(field: string, value: unknown, max: number): FieldIssue[] {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max) return [];
  return [issue(field, `Give a whole number from 1 to ${max}.`)];
}

function issue(field: string, message: string): FieldIssue {
  return { field, message };
}
