import type { IntegrationEvent } from "@core/integrations-state";
import type { JsonObject } from "@core/registry";
import type { EndOfTask, Task } from "@core/tasks";

/** What a task of the server means to webhooks and git auto-commit. */
export interface TaskIntegrationEvent {
  readonly event: IntegrationEvent;
  readonly data: JsonObject;
}

/** What is told of a new task. */
export function createdEvent(task: Task): TaskIntegrationEvent {
  return { event: "task.created", data: { ...aboutTask(task), created_at: task.created_at.toISOString() } };
}

/** The same id whenever it is told, so that whoever keeps events keeps one. */
export function createdEventId({ id }: Pick<Task, "id">): string {
  return `task_created_${id}`;
}

/** What is told of the end of a task: never what came of it, which the API has. */
export function endEvent(task: Task, end: EndOfTask): TaskIntegrationEvent {
  if (end.state === "complete") return { event: "task.completed", data: aboutTask(task) };
  const error = { code: end.failure_code, message: end.error.message };
  return { event: "error", data: { ...aboutTask(task), error } };
}

function aboutTask(task: Task): JsonObject {
  const { id, type, reason, title, bot_id, session_id, channel_id, parent_task_id, correlation_id } = task;
  const whose = { bot_id, session_id, channel_id, correlation_id };
  return { task_id: id, task_type: type, reason, title, parent_task_id, ...whose };
}
