import type { DispatcherRegistry, FieldIssue, JsonObject } from "@core/registry";
import type { Transaction } from "kysely";
import { planTarget } from "../delivery/target-plan.ts";
import { invalidInput } from "../errors.ts";
import type { TaskInput } from "./task.ts";

/** Where a task's result goes, decided and checked when the task is made. */
export interface DispatchPlan {
  readonly dispatch_type: string;
  readonly dispatch_config: JsonObject | null;
  /** False for a type that is not known here yet. */
  readonly target_checked: boolean;
  /** The line that deliveries of the task will stand in. */
  readonly order_key: string | null;
}

/**
 * Says where a task's result goes when its maker did not, from its session or channel; null: nowhere. Inside the
 * maker's transaction it must read through `trx`.
 */
export type ResolveTarget = (
  input: TaskInput,
  options: { readonly trx?: Transaction<unknown> },
) => Promise<{ readonly dispatch_type: string; readonly dispatch_config: JsonObject } | null>;

/** @throws TasksError DISPATCH_TYPE_UNKNOWN, DISPATCH_TARGET_INVALID */
export async function planDispatch(
  input: TaskInput,
  dispatchers: DispatcherRegistry,
  resolveTarget: () => ReturnType<ResolveTarget>,
): Promise<DispatchPlan> {
  const named = input.dispatch_type === undefined ? await resolved(input, resolveTarget) : input;
  const type = named.dispatch_type ?? "none";
  const config = named.dispatch_config ?? null;
  const plan = await planTarget(dispatchers, type, config, input.strict ?? true);
  if ("refusal" in plan) {
    const { refusal, issues } = plan;
    if (refusal === "DISPATCH_TYPE_UNKNOWN") throw invalidInput(refusal, issues.map(inType));
    throw invalidInput(refusal, issues.map(inConfig));
  }
  return {
    dispatch_type: type,
    dispatch_config: plan.target,
    target_checked: plan.isChecked,
    order_key: plan.orderKey,
  };
}

async function resolved(
  input: TaskInput,
  resolveTarget: () => ReturnType<ResolveTarget>,
): Promise<Pick<TaskInput, "dispatch_type" | "dispatch_config">> {
  if (input.dispatch_config !== undefined) {
    const message = "A target without a dispatch type goes nowhere. Set dispatch_type too.";
    throw invalidInput("TASK_INVALID", [{ field: "dispatch_type", message }]);
  }
  return (await resolveTarget()) ?? {};
}

function inType({ message }: FieldIssue): FieldIssue {
  return { field: "dispatch_type", message };
}

function inConfig({ field, message }: FieldIssue): FieldIssue {
  return { field: field === "" ? "dispatch_config" : `dispatch_config.${field}`, message };
}
