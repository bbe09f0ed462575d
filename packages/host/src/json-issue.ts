import type { FieldIssue } from "@core/registry";

/** Deeper values are refused, long before a database runs out of its stack. */
export const DEEPEST_LEVEL = 100;

/**
 * The first thing in a value that would not come back from the database as it was given: what JSON cannot say, and
 * texts that Postgres cannot store. A field that is undefined counts as missing.
 */
export function jsonIssue(value: unknown): FieldIssue | null {
  return issueIn(value, []);
}

/** Whether Postgres can keep a text. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}

/** `path` holds the steps from the whole to this value, with what they lead through. */
function issueIn(value: unknown, path: readonly Step[]): FieldIssue | null {
  if (typeof value === "object" && value !== null) return issueInside(value, path);
  const message = scalarProblem(value);
  return message === null ? null : issue(path, message);
}

interface Step {
  readonly key: string;
  readonly parent: object;
}

function scalarProblem(value: unknown): string | null {
  if (value === null || typeof value === "boolean") return null;
  if (typeof value === "string") return isStorableText(value) ? null : UNSTORABLE;
  if (typeof value !== "number") return `A value of type ${typeof value} is not JSON. Leave it out.`;
  return Number.isFinite(value) ? null : `${value} is not JSON. Write null or a text.`;
}

const UNSTORABLE = "The text holds a NUL character or half a surrogate pair. Remove it.";

function issueInside(parent: object, path: readonly Step[]): FieldIssue | null {
  if (path.some((step) => step.parent === parent))
    return issue(path, "The value contains itself. Leave it out.");
  if (path.length >= DEEPEST_LEVEL)
    return issue([], `It has more than ${DEEPEST_LEVEL} levels. Write it flatter.`);
  if (!Array.isArray(parent) && !isPlain(parent))
    return issue(path, "Only plain objects and lists are JSON. Write a text or a plain object instead.");
  for (const [key, child] of entriesOf(parent)) {
    const inner = [...path, { key, parent }];
    if (!isStorableText(key)) return issue(inner, UNSTORABLE);
    const found = issueIn(child, inner);
    if (found !== null) return found;
  }
  return null;
}

/** With the holes of a list; without the fields that JSON leaves out. */
function entriesOf(parent: object): readonly (readonly [string, unknown])[] {
  if (Array.isArray(parent)) return Array.from(parent, (child: unknown, index) => [String(index), child]);
  return Object.entries(parent).filter(([, child]) => child !== undefined);
}

/** Also of another realm, or without a prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function issue(path: readonly Step[], message: string): FieldIssue {
  return { field: path.map(({ key }) => key).join("."), message };
}
