import type { FieldIssue } from "@core/registry";
import { invalidOptions } from "../errors.ts";

/** The states in which a task has ended. */
export type EndedState = "complete" | "failed" | "cancelled";

export const endedStates: readonly EndedState[] = ["complete", "failed", "cancelled"];

/** How long ended tasks are kept, by the state they ended in. What is left out is kept for good. */
export type Retention = { readonly [State in EndedState]?: KeepRule };

/** What goes beyond one of them is removed. */
export interface KeepRule {
  /** Counted from a task's end. */
  readonly ageMs?: number;
  /** The newest so many of each type. */
  readonly count?: number;
}

/** @throws TasksError OPTIONS_INVALID */
export function assertRetention(field: string, retention: Retention = {}): void {
  const issues = Object.entries(retention).flatMap(([state, rule]) =>
    ruleIssues(`${field}.${state}`, state, rule),
  );
  if (issues.length > 0) throw invalidOptions("The tasks were not made.", issues);
}

/** A thousand years: the database cannot go back much further. */
const LONGEST_AGE_MS = 1_000 * 365 * 24 * 60 * 60 * 1_000;
const LARGEST_COUNT = 2_147_483_647;

function ruleIssues(field: string, state: string, rule: KeepRule = {}): readonly FieldIssue[] {
  if (!endedStates.some((ended) => ended === state)) {
    return [{ field, message: `Only ended tasks are removed. Use ${endedStates.join(", ")}.` }];
  }
  const { ageMs = 0, count = 0 } = rule;
  const issues: FieldIssue[] = [];
  if (!isAge(ageMs))
    issues.push({ field: `${field}.ageMs`, message: `${ageMs} is no number of ms from 0 on.` });
  if (!Number.isInteger(count) || count < 0 || count > LARGEST_COUNT) {
    issues.push({ field: `${field}.count`, message: `${count} is no whole number from 0 on.` });
  }
  return issues;
}

/** Whether something can be so old. */
export function isAge(ms: number): boolean {
  return ms >= 0 && ms <= LONGEST_AGE_MS;
}
