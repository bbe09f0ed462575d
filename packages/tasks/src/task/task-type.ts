import type { Retention } from "../retention/retention.ts";
import { assertRetention } from "../retention/retention.ts";
import type { RetryPolicy } from "../retry-policy.ts";
import { taskRetryPolicy } from "../retry-policy.ts";
import type { RetryRule } from "./task-failure.ts";

/** The type of tasks whose maker names none. */
export const AGENT_TYPE = "agent";

/** What tasks of one type get when their maker says nothing. */
export interface TaskTypeOptions {
  /** Default 10; agent tasks 3, because running a model again has side effects. */
  readonly maxAttempts?: number;
  /** Default 1,200. */
  readonly maxRunSeconds?: number;
  /** Default `any`; agent tasks `classified`. */
  readonly retry?: RetryRule;
  /** The longest wait after each failed attempt, in ms; the last one repeats. Default `exponentialDelays(1_000, 300_000)`. */
  readonly backoff?: readonly number[];
  /** How long its ended tasks are kept. Default, state by state: as `retention` says. */
  readonly keep?: Retention;
}

/** The complete settings of a task type. */
export interface TaskTypeSettings {
  readonly maxAttempts: number;
  readonly maxRunSeconds: number;
  readonly retry: RetryRule;
  readonly backoff: RetryPolicy;
  readonly keep: Retention;
}

export function taskTypeSettings(
  type: string,
  options: TaskTypeOptions = {},
  retention: Retention = {},
): TaskTypeSettings {
  const isAgent = type === AGENT_TYPE;
  return {
    maxAttempts: options.maxAttempts ?? (isAgent ? 3 : 10),
    maxRunSeconds: options.maxRunSeconds ?? 1_200,
    retry: options.retry ?? (isAgent ? "classified" : "any"),
    backoff: options.backoff ? { ...taskRetryPolicy, delaysMs: options.backoff } : taskRetryPolicy,
    keep: { ...retention, ...options.keep },
  };
}

/** The settings of all types, also of those that nothing was said of. */
export interface TypeSettings {
  readonly of: (type: string) => TaskTypeSettings;
  /** No type has a rule by which ended tasks are removed. */
  readonly keepsAll: boolean;
}

/** @throws TasksError OPTIONS_INVALID */
export function createTypeSettings(
  types: Readonly<Record<string, TaskTypeOptions>>,
  retention: Retention = {},
): TypeSettings {
  assertRetention("retention", retention);
  for (const [type, { keep }] of Object.entries(types)) assertRetention(`types.${type}.keep`, keep);
  const rules = [retention, ...Object.values(types).map(({ keep = {} }) => keep)];
  const known = new Map<string, TaskTypeSettings>();
  return {
    of(type) {
      const made = known.get(type) ?? taskTypeSettings(type, types[type], retention);
      known.set(type, made);
      return made;
    },
    keepsAll: rules.every((rule) => Object.keys(rule).length === 0),
  };
}
