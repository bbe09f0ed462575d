import type { HookContext } from "@core/registry";
import type { Task } from "./task.ts";

/** Whose work the events of a task belong to. */
export function hookContextOf(task: Task): HookContext {
  const { bot_id, session_id, channel_id, correlation_id, origin } = task;
  return { bot_id, session_id, channel_id, client_id: null, correlation_id, origin };
}
