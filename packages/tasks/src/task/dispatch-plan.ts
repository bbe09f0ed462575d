import { isTypeName, parseTarget, secretIssues } from "@core/registry";
import type { DispatcherRegistry, FieldIssue, JsonObject } from "@core/registry";
import type { Transaction } from "kysely";
import { invalidInput } from "../errors.ts";
import { lineOf } from "../delivery/delivery-line.ts";
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
  if (!dispatchers.has(type)) return unknownType(type, config, input.strict ?? true, dispatchers);
  const result = await parseTarget(dispatchers.get(type), config);
  if (!result.ok) throw invalidInput("DISPATCH_TARGET_INVALID", result.issues.map(inConfig));
  const { orderKey, failures } = lineOf(dispatchers, type, result.target);
  if (failures.length > 0) throw invalidInput("DISPATCH_TARGET_INVALID", failures.map(asIssue));
  const target = result.target as JsonObject;
  return { dispatch_type: type, dispatch_config: target, target_checked: true, order_key: orderKey };
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

function unknownType(
  type: string,
  config: JsonObject | null,
  strict: boolean,
  dispatchers: DispatcherRegistry,
): DispatchPlan {
  if (!strict && isTypeName(type)) return unreadPlan(type, config ?? {});
  const known = dispatchers
    .list()
    .map((entry) => `"${entry.type}"`)
    .join(", ");
  const message = `"${type}" is not a known dispatch type. Use one of ${known}, or set strict to false to keep the delivery until a server has it.`;
  throw invalidInput("DISPATCH_TYPE_UNKNOWN", [{ field: "dispatch_type", message }]);
}

/** What nobody here can read is kept as it is, but for secrets. */
function unreadPlan(type: string, config: JsonObject): DispatchPlan {
  const secrets = secretIssues(config);
  if (secrets.length > 0) throw invalidInput("DISPATCH_TARGET_INVALID", secrets.map(inConfig));
  return { dispatch_type: type, dispatch_config: config, target_checked: false, order_key: null };
}

function asIssue({ message }: { readonly message: string }): FieldIssue {
  return { field: "dispatch_config", message };
}

function inConfig({ field, message }: FieldIssue): FieldIssue {
  return { field: field === "" ? "dispatch_config" : `dispatch_config.${field}`, message };
}
