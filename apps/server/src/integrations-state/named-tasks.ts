import type { JsonObject, JsonValue } from "@core/registry";

/**
 * The ids of tasks that a tool call names: in what it gave back, `task_id` or `id`, alone, within `task`, or for each of
 * `tasks`, and `task_ids`; where that names none, `task_id` or `id` of what it was given.
 */
export function namedTasks(args: JsonObject, result: JsonValue): readonly string[] {
  const given = idsIn(result);
  return given.length > 0 ? given : ownIds(args);
}

function idsIn(value: JsonValue | undefined): readonly string[] {
  if (!isObject(value)) return [];
  const { task, tasks, task_ids: listed } = value;
  const each = Array.isArray(tasks)
    ? tasks.flatMap((one: JsonValue) => (isId(one) ? [one] : ownIds(one)))
    : [];
  const plain = Array.isArray(listed) ? listed.filter(isId) : [];
  return [...new Set([...ownIds(value), ...ownIds(task), ...each, ...plain])];
}

function ownIds(value: JsonValue | undefined): readonly string[] {
  if (!isObject(value)) return [];
  const { task_id, id } = value;
  return [task_id, id].filter(isId).slice(0, 1);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
