import { isTypeName, parseTarget, secretIssues } from "@core/registry";
import type { DispatcherRegistry, FieldIssue, JsonObject } from "@core/registry";
import { lineOf } from "./delivery-line.ts";

/** Where something goes, as it is stored. */
export interface TargetPlan {
  readonly target: JsonObject;
  /** False for a type that is not known here yet. */
  readonly isChecked: boolean;
  /** The line that deliveries to it stand in. */
  readonly orderKey: string | null;
}

/** A target that is not taken; fields are counted from the target, and "" is the target itself. */
export interface TargetRefusal {
  readonly refusal: "DISPATCH_TYPE_UNKNOWN" | "DISPATCH_TARGET_INVALID";
  readonly issues: readonly FieldIssue[];
}

/** Reads a target with its dispatcher's schema. One of an unknown type is kept unread unless `strict`, but for secrets. */
export async function planTarget(
  dispatchers: DispatcherRegistry,
  type: string,
  config: JsonObject | null,
  strict: boolean,
): Promise<TargetPlan | TargetRefusal> {
  if (!dispatchers.has(type))
    return strict || !isTypeName(type) ? unknown(type, dispatchers) : unread(config ?? {});
  const result = await parseTarget(dispatchers.get(type), config);
  if (!result.ok) return { refusal: "DISPATCH_TARGET_INVALID", issues: result.issues };
  const { orderKey, failures } = lineOf(dispatchers, type, result.target);
  if (failures.length > 0) {
    const issues = failures.map(({ message }) => ({ field: "", message }));
    return { refusal: "DISPATCH_TARGET_INVALID", issues };
  }
  return { target: result.target as JsonObject, isChecked: true, orderKey };
}

function unknown(type: string, dispatchers: DispatcherRegistry): TargetRefusal {
  const known = dispatchers
    .list()
    .map((entry) => `"${entry.type}"`)
    .join(", ");
  const message = `"${type}" is not a known dispatch type. Use one of ${known}, or set strict to false to keep the delivery until a server has it.`;
  return { refusal: "DISPATCH_TYPE_UNKNOWN", issues: [{ field: "", message }] };
}

function unread(config: JsonObject): TargetPlan | TargetRefusal {
  const issues = secretIssues(config);
  if (issues.length > 0) return { refusal: "DISPATCH_TARGET_INVALID", issues };
  return { target: config, isChecked: false, orderKey: null };
}
