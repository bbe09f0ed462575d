import type { FieldIssue } from "@core/registry";
import type { z } from "@hono/zod-openapi";
import { similarName } from "../similar-name.ts";
import { fieldsAt } from "./schema-fields.ts";

type Issue = z.core.$ZodIssue;

/** A part of a request that was refused. */
export interface RefusedPart {
  /** What refused it, for hints. */
  readonly schema: unknown;
  readonly input: unknown;
  readonly isQuery: boolean;
}

/** An issue in our words; one about several unknown fields becomes one for each. */
export function fieldIssues(issue: Issue, { schema, input, isQuery }: RefusedPart): FieldIssue[] {
  const field = issue.path.map(String).join(".");
  const value = valueAt(input, issue.path);
  if (isQuery && Array.isArray(value)) return [{ field, message: `Give ${field} once.` }];
  if (issue.code !== "unrecognized_keys") return [{ field, message: wording(issue, value) }];
  const known = fieldsAt(schema, issue.path);
  return issue.keys.map((key) =>
    unknownField(field === "" ? key : `${field}.${key}`, similarName(key, known)),
  );
}

/** Schemas do not say what they were given, so that it cannot be logged by mistake. */
function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}

function wording(issue: Issue, input: unknown): string {
  if (issue.code === "invalid_type") return invalidType(issue.expected, input);
  if (issue.code === "invalid_value") return `Expected one of ${issue.values.map(quoted).join(", ")}.`;
  if (issue.code === "too_small") return `Expected at least ${amount(issue.minimum, issue.origin)}.`;
  if (issue.code === "too_big") return `Expected at most ${amount(issue.maximum, issue.origin)}.`;
  return issue.message;
}

function invalidType(expected: string, input: unknown): string {
  const type = article(typeNames[expected] ?? expected);
  if (input === undefined) return `It is required. Give ${type}.`;
  const got = expected === "int" && typeof input === "number" ? String(input) : kindOf(input);
  return `Expected ${type}, got ${got}.`;
}

const typeNames: Readonly<Record<string, string>> = { record: "object", int: "whole number" };

function unknownField(field: string, meant: string | null): FieldIssue {
  const hint = meant === null ? "Remove it." : `Did you mean "${meant}"?`;
  return { field, message: `There is no field "${field}". ${hint}` };
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

function amount(count: number | bigint, origin: string): string {
  const unit = { string: " character", array: " item" }[origin];
  return unit === undefined ? `${count}` : `${count}${unit}${Number(count) === 1 ? "" : "s"}`;
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return article(Array.isArray(value) ? "array" : typeof value);
}
