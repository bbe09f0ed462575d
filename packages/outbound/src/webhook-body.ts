import type { Delivery, FileLink, FileRef, JsonObject, TaskResult } from "@core/registry";

export interface WebhookBodyOptions {
  readonly sentAt: Date;
  /** Null for a file that cannot be fetched. */
  readonly fileLink: (file: FileRef) => FileLink | null;
}

/** What a receiver drops copies by: the event's own id where there is one, else the delivery's. */
export function webhookMessageId({ id, kind, payload }: Delivery): string {
  return kind === "webhook_event" ? (payload.id ?? id) : id;
}

/** The JSON that a webhook receiver gets for a delivery; null for a kind that has no form here. */
export function webhookBody(delivery: Delivery, options: WebhookBodyOptions): JsonObject | null {
  switch (delivery.kind) {
    case "task_result":
    case "child_result":
      return {
        task_id: delivery.payload.task_id,
        ...resultFields(delivery.payload.result, options.fileLink),
      };
    case "task_error": {
      const { task_id, error } = delivery.payload;
      return { task_id, result: null, error: { code: error.code, message: error.message } };
    }
    case "message":
      return { text: delivery.payload.text };
    case "mirror":
      return { text: delivery.payload.text, source: delivery.payload.source };
    case "webhook_event": {
      const { id, event, timestamp = options.sentAt.toISOString(), data } = delivery.payload;
      return { ...(id !== undefined && { id }), event, timestamp, data };
    }
    default:
      return null;
  }
}

function resultFields(
  { text, files, actions }: TaskResult,
  fileLink: WebhookBodyOptions["fileLink"],
): JsonObject {
  return {
    result: text,
    ...(files.length > 0 && { files: files.map((file) => fileFields(file, fileLink(file))) }),
    ...(actions.length > 0 && { actions }),
  };
}

/** A receiver cannot open a blob id, so each file says where it can be fetched. */
function fileFields({ name, content_type, size, blob_id }: FileRef, link: FileLink | null): JsonObject {
  return {
    name,
    content_type,
    size,
    blob_id,
    url: link?.url ?? null,
    expires_at: link?.expires_at ?? null,
  };
}
