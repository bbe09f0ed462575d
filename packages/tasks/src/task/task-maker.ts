import type { DispatcherRegistry } from "@core/registry";
import type { Transaction } from "kysely";
import type { DispatchPlan, ResolveTarget } from "./dispatch-plan.ts";
import { planDispatch } from "./dispatch-plan.ts";
import { assertTaskInput } from "./task-input.ts";
import type { NewTask } from "./task-row.ts";
import { newTask } from "./task-row.ts";
import type { TaskTypeSettings } from "./task-type.ts";
import { AGENT_TYPE } from "./task-type.ts";
import type { TaskInput } from "./task.ts";

/**
 * Says how many seconds a task may run when its maker did not, from its session or channel; null: as its type says.
 * Inside the maker's transaction it must read through `trx`.
 */
export type ResolveTimeout = (
  input: TaskInput,
  options: { readonly trx?: Transaction<unknown> },
) => Promise<number | null>;

export interface TaskMakerOptions {
  readonly newId: () => string;
  readonly dispatchers: DispatcherRegistry;
  readonly settingsOf: (type: string) => TaskTypeSettings;
  readonly resolveTarget?: ResolveTarget | undefined;
  readonly resolveTimeout?: ResolveTimeout | undefined;
}

type Making = { readonly trx?: Transaction<unknown> };

const nowhere: DispatchPlan = {
  dispatch_type: "none",
  dispatch_config: null,
  target_checked: true,
  order_key: null,
};

/**
 * Checks what makes a task and settles what it leaves open: where its result goes and how long it may run.
 * @throws TasksError TASK_INVALID, DISPATCH_TYPE_UNKNOWN, DISPATCH_TARGET_INVALID
 */
export async function makeTask(
  options: TaskMakerOptions,
  input: TaskInput,
  making: Making,
): Promise<NewTask> {
  assertTaskInput(input);
  const settings = options.settingsOf(input.type ?? AGENT_TYPE);
  const timeout = input.max_run_seconds ?? (await resolvedTimeout(options, input, making));
  return newTask(input, {
    id: options.newId(),
    plan: await planOf(options, input, making),
    maxAttempts: input.max_attempts ?? settings.maxAttempts,
    maxRunSeconds: timeout ?? settings.maxRunSeconds,
  });
}

async function resolvedTimeout(
  { resolveTimeout }: TaskMakerOptions,
  input: TaskInput,
  making: Making,
): Promise<number | null> {
  const seconds = (await resolveTimeout?.(input, making)) ?? null;
  if (seconds !== null) assertTaskInput({ ...input, max_run_seconds: seconds });
  return seconds;
}

async function planOf(
  { dispatchers, resolveTarget }: TaskMakerOptions,
  input: TaskInput,
  making: Making,
): Promise<DispatchPlan> {
  const isSilent = resolveTarget === undefined && input.dispatch_type === undefined;
  if (isSilent && input.dispatch_config === undefined) return nowhere;
  return planDispatch(input, dispatchers, async () => (await resolveTarget?.(input, making)) ?? null);
}
