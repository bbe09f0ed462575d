import { ProblemError } from "./problem.ts";

const MAX_DEPTH = 64;
/** How many wrong numbers an answer names. */
const MAX_NAMED = 20;

/** Refuses what JSON can say and a database cannot keep: endless depth, and numbers beyond all numbers. */
export function assertMeasured(body: unknown): void {
  let level: readonly unknown[] = [body];
  let isFinite = true;
  // Without recursion: the depth of what is measured is the caller's choice.
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) {
      throw new ProblemError(
        "BODY_MALFORMED",
        `The body is nested deeper than ${MAX_DEPTH} levels. Flatten it.`,
      );
    }
    isFinite &&= level.every((value) => !isTooLarge(value));
    level = level.flatMap((value) =>
      typeof value === "object" && value !== null ? Object.values(value) : [],
    );
  }
  if (!isFinite) throw tooLargeNumbers(pathsOfTooLarge(body).slice(0, MAX_NAMED));
}

/** `1e999` is a number in JSON, but none that a computer keeps. */
function isTooLarge(value: unknown): boolean {
  return typeof value === "number" && !Number.isFinite(value);
}

function pathsOfTooLarge(value: unknown): readonly string[] {
  if (isTooLarge(value)) return [""];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    pathsOfTooLarge(child).map((path) => (path === "" ? key : `${key}.${path}`)),
  );
}

function tooLargeNumbers(fields: readonly string[]): ProblemError {
  const message = "The number is too large. Give one up to 1.8e308, or a text.";
  const list = fields.map((field) => (field === "" ? message : `${field}: ${message}`)).join(" ");
  return new ProblemError("TASK_INVALID", `The task was not stored. ${list}`, {
    errors: fields.map((field) => ({ field, message })),
  });
}
