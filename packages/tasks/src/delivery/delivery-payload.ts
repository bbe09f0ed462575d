import type {
  Bot,
  Delivery,
  DeliveryKind,
  DeliveryPayloads,
  JsonObject,
  JsonValue,
  TaskResult,
} from "@core/registry";
import { textResult } from "@core/registry";
import type { ClaimedDelivery } from "./delivery-claim.ts";

/** Builds what a dispatcher receives from what is stored. */
export function deliveryOf({ row, content }: ClaimedDelivery, target: unknown, bot: Bot | null): Delivery {
  return {
    id: row.id,
    dispatch_type: row.dispatch_type,
    target,
    created_at: row.created_at.toISOString(),
    attempt: row.attempt,
    bot,
    origin: row.origin,
    sent_parts: row.sent_parts,
    kind: row.kind,
    payload: payloadOf(row.kind, row.task_id ?? row.source_id, content),
  } as Delivery;
}

/** What is wrong with a payload of this kind, so that no dispatcher can make anything of it; null: nothing. */
export function payloadIssue(kind: DeliveryKind, content: JsonValue): string | null {
  const missing = (textFields[kind] ?? []).filter((field) => typeof fieldOf(content, field) !== "string");
  if (missing.length === 0) return null;
  return `A payload of the kind "${kind}" is an object with the text ${missing.map((field) => `"${field}"`).join(" and ")}. It is not, so it is never sent.`;
}

/** The texts that the payload of a kind has; results and errors are read whatever they are. */
const textFields: Partial<Record<DeliveryKind, readonly string[]>> = {
  message: ["text"],
  mirror: ["text", "source"],
  webhook_event: ["event"],
};

function fieldOf(content: JsonValue, field: string): unknown {
  return typeof content === "object" && content !== null && !Array.isArray(content)
    ? (content as JsonObject)[field]
    : undefined;
}

function payloadOf(
  kind: keyof DeliveryPayloads,
  taskId: string,
  content: JsonValue,
): DeliveryPayloads[typeof kind] {
  switch (kind) {
    case "task_result":
    case "child_result":
      return { task_id: taskId, result: asTaskResult(content) };
    case "task_error":
      return { task_id: taskId, error: asTaskError(content) };
    default:
      return content as DeliveryPayloads["message"];
  }
}

/** What was stored when a task failed; dispatchers can rely on both fields. */
function asTaskError(content: JsonValue): DeliveryPayloads["task_error"]["error"] {
  const { code = "unknown", message = "The task failed." } = (content ?? {}) as {
    code?: string;
    message?: string;
  };
  return { code, message };
}

/** The result of a task of any type in the form that dispatchers know: other values become text. */
export function asTaskResult(value: JsonValue): TaskResult {
  if (isTaskResult(value)) return value;
  if (value === null) return textResult("");
  return textResult(typeof value === "string" ? value : JSON.stringify(value));
}

function isTaskResult(value: unknown): value is TaskResult {
  if (typeof value !== "object" || value === null) return false;
  const { text, files, actions } = value as Partial<TaskResult>;
  return typeof text === "string" && Array.isArray(files) && Array.isArray(actions);
}
