import { fieldIssues } from "@core/registry";
import { IntegrationsError, invalidInput } from "../errors.ts";
import type { IntegrationState } from "./integration-state.ts";
import { jsonFaultOffset } from "./json-fault.ts";
import { stateSchema } from "./state-schema.ts";

/**
 * Reads what {@link writeStateDocument} or an earlier program wrote; what is missing gets its default.
 * @throws STATE_CORRUPT with the place of the fault, never with what stands there; STATE_VERSION_UNSUPPORTED
 */
export function readStateDocument(document: string): IntegrationState {
  const value = parsed(document.replace(/^\uFEFF/, ""));
  refuseNewer(value);
  const result = stateSchema.safeParse(value);
  if (result.success) return result.data;
  const issues = fieldIssues(result.error.issues);
  const places = issues.map(({ field, message }) => `${field || "the whole"}: ${message}`);
  throw corrupt(`It is not an integrations state. ${places.join(" ")}`, { issues });
}

/**
 * The state as JSON for people to read: in the order of the interface, with the newest 200 notifications.
 * @throws INTEGRATIONS_INPUT_INVALID when it could not be read again
 */
export function writeStateDocument(state: IntegrationState): string {
  return formatState(normalState(state));
}

/** The document of a state that is normal already. */
export function formatState(state: IntegrationState): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}

/**
 * A copy as it will be read again.
 * @throws INTEGRATIONS_INPUT_INVALID when it could not be read
 */
export function normalState(state: IntegrationState): IntegrationState {
  const result = stateSchema.safeParse(JSON.parse(JSON.stringify(state)));
  if (result.success) return result.data;
  throw invalidInput("The integrations state was not changed.", fieldIssues(result.error.issues));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The parser's own message quotes the text, which may be a secret.
    const { line, column } = placeOf(jsonFaultOffset(json), json);
    throw corrupt(`It is not JSON at line ${line}, column ${column}.`, { line, column });
  }
}

function placeOf(offset: number, text: string): { line: number; column: number } {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

function refuseNewer(value: unknown): void {
  if (typeof value !== "object" || value === null || !("version" in value)) return;
  const { version } = value;
  if (typeof version !== "number" || version <= 1) return;
  throw new IntegrationsError({
    code: "STATE_VERSION_UNSUPPORTED",
    message: `The integrations state has version ${version}, and this program reads version 1. Use the program that wrote it, or a newer one.`,
    details: { version },
  });
}

function corrupt(fault: string, details: Record<string, unknown>): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_CORRUPT",
    message: `The integrations state cannot be read. ${fault} Mend it, or put an earlier copy in its place.`,
    details,
  });
}
