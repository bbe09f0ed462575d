import type { Integrations } from "@core/integrations-state";
import { secretIssues } from "@core/registry";
import type { HookCall, Hooks, JsonObject, JsonValue } from "@core/registry";
import type { Tasks } from "@core/tasks";
import { namedTasks } from "./named-tasks.ts";

export interface ToolCallEventsOptions {
  readonly hooks: Pick<Hooks, "on">;
  readonly integrations: Pick<Integrations, "resolveEventName" | "publish">;
  readonly tasks: Pick<Tasks, "get">;
}

/** Git may take its time, and the next event of a run waits for it. */
const TIMEOUT_MS = 300_000;

const TOLD_BY_THE_SERVER: ReadonlySet<string> = new Set(["task.created", "task.completed"]);

/** Tells webhooks and git auto-commit of the tool calls that stand for an event. Returns what ends it. */
export function tellOfToolCalls({ hooks, integrations, tasks }: ToolCallEventsOptions): () => void {
  return hooks.on("after_tool_call", tell, { owner: "@core/integrations-state", timeoutMs: TIMEOUT_MS });

  async function tell({ context, data }: HookCall<"after_tool_call">): Promise<void> {
    const { tool_name, tool_args, result, error, duration_ms } = data;
    if (error !== null) return;
    const event = integrations.resolveEventName(tool_name, tool_args, result);
    if (event === null) return;
    // The server tells itself what becomes of its own tasks, and each event is told once.
    if (TOLD_BY_THE_SERVER.has(event) && (await areAllOurs(namedTasks(tool_args, result)))) return;
    const { bot_id, session_id, channel_id, correlation_id } = context;
    const whose = { bot_id, session_id, channel_id, correlation_id };
    // What the tool was given and gave may say more than what is known anyway.
    await integrations.publish(event, {
      ...plainFields(tool_args),
      ...plainFields(result),
      ...whose,
      tool_name,
      duration_ms,
    });
  }

  async function areAllOurs(ids: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return false;
    const found = await Promise.all(ids.map((id) => tasks.get(id)));
    return found.every((task) => task !== null);
  }
}

const LONGEST_TEXT = 1_000;

/** The short texts, numbers and truth values at the top, without those that are secrets by their name. */
function plainFields(value: JsonValue): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter(([name, field]) => {
      const isShort = typeof field === "string" && field.length <= LONGEST_TEXT;
      const isPlain = isShort || typeof field === "number" || typeof field === "boolean";
      return isPlain && secretIssues({ [name]: field }).length === 0;
    }),
  );
}
