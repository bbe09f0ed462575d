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
}

/** The complete settings of a task type. */
export function taskTypeSettings(
  type: string,
  options: TaskTypeOptions | undefined,
): Required<TaskTypeOptions> {
  const isAgent = type === AGENT_TYPE;
  return {
    maxAttempts: options?.maxAttempts ?? (isAgent ? 3 : 10),
    maxRunSeconds: options?.maxRunSeconds ?? 1_200,
    retry: options?.retry ?? (isAgent ? "classified" : "any"),
  };
}
