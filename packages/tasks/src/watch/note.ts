import type { JsonObject } from "@core/registry";
import { storable } from "../store/storable-text.ts";
import type { TaskLogLine, TaskProgress } from "./task-event.ts";

/** What a run says, checked. */
export type Note = Pick<TaskProgress, "fraction" | "message"> | Pick<TaskLogLine, "message" | "fields">;

/** Of a message, and of the message and the fields of a line together. */
const MOST_CHARACTERS = 1_000;

/** How far a run is; whatever is given. */
export function progressNote(fraction: unknown, message: unknown): Note {
  const isNumber = typeof fraction === "number" && !Number.isNaN(fraction);
  return {
    fraction: isNumber ? Math.min(Math.max(fraction, 0), 1) : null,
    message: message === undefined || message === null ? null : cut(message),
  };
}

/** A line of a run's log; fields that do not fit beside its message, or are no JSON, are left out. */
export function logNote(message: unknown, fields: unknown): Note {
  const text = cut(message);
  const kept = jsonWithin(fields, MOST_CHARACTERS - text.length);
  return kept === null ? { message: text } : { message: text, fields: kept };
}

function cut(value: unknown): string {
  const text = typeof value === "string" ? value : safeText(value);
  return storable(text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text);
}

function safeText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "?";
  }
}

function jsonWithin(fields: unknown, most: number): JsonObject | null {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return null;
  try {
    const text = JSON.stringify(fields);
    return text.length > most ? null : storable(JSON.parse(text) as JsonObject);
  } catch {
    return null;
  }
}
