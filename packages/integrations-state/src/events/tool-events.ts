import type { JsonObject, JsonValue } from "@core/registry";
import type { IntegrationEvent } from "./event-names.ts";

/** What a call of a tool means to the outside. */
export interface ToolEvents {
  /** The event that a tool call stands for; null for most. */
  resolveEventName(toolName: string, args?: JsonObject | null, result?: JsonValue): IntegrationEvent | null;
}

/** Which event a tool's call stands for, always or depending on the call; null: none. */
export type ToolEventRule =
  | IntegrationEvent
  | null
  | ((args: JsonObject, result: JsonValue | undefined) => IntegrationEvent | null);

export type ToolEventRules = Readonly<Record<string, ToolEventRule>>;

/** Knows the tools of the reference and those of `rules`, which may also change what one of them stands for. */
export function createToolEvents(rules: ToolEventRules = {}): ToolEvents {
  // A map, since a tool may be called `constructor`.
  const byTool = new Map([...Object.entries(TOOL_EVENTS), ...Object.entries(rules)]);
  return {
    resolveEventName(toolName, args, result) {
      const rule = byTool.get(toolName) ?? null;
      return typeof rule === "function" ? rule(args ?? {}, result) : rule;
    },
  };
}

const TOOL_EVENTS: ToolEventRules = {
  audit_session_start: "session.start",
  audit_session_end: "session.end",
  task_create: "task.created",
  task_create_batch: "task.created",
  task_update: ({ status }) => (status === "done" ? "task.completed" : null),
  task_sync_to_gsd: "task.sync",
  roadmap_export_to_gsd: "roadmap.exported",
};
