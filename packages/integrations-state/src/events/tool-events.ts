import type { JsonObject, JsonValue } from "@core/registry";
import type { IntegrationEvent } from "./event-names.ts";

/** What a call of a tool means to the outside. */
export interface ToolEvents {
  /** The event that a tool call stands for; null for most. */
  resolveEventName(toolName: string, args?: JsonObject | null, result?: JsonValue): IntegrationEvent | null;
}

/** Which event a tool's call stands for, always or depending on the call. */
export type ToolEventRule =
  | IntegrationEvent
  | ((args: JsonObject, result: JsonValue | undefined) => IntegrationEvent | null);
