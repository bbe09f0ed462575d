import type { Delivery, JsonObject, TaskResult } from "@core/registry";

/** The JSON that a webhook receiver gets for a delivery; null for a kind that has no form here. */
export function webhookBody(delivery: Delivery, sentAt: Date): JsonObject | null {
  switch (delivery.kind) {
    case "task_result":
    case "child_result":
      return { task_id: delivery.payload.task_id, ...resultFields(delivery.payload.result) };
    case "task_error": {
      const { task_id, error } = delivery.payload;
      return { task_id, result: null, error: { code: error.code, message: error.message } };
    }
    case "message":
      return { text: delivery.payload.text };
    case "mirror":
      return { text: delivery.payload.text, source: delivery.payload.source };
    case "webhook_event": {
      const { event, data } = delivery.payload;
      return { event, timestamp: sentAt.toISOString(), data };
    }
    default:
      return null;
  }
}

function resultFields({ text, files, actions }: TaskResult): JsonObject {
  return {
    result: text,
    ...(files.length > 0 && { files: files.map((file) => ({ ...file })) }),
    ...(actions.length > 0 && { actions }),
  };
}
