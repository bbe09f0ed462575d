import type { FieldIssue, Logger } from "@core/registry";
import { isIntegrationError } from "@core/registry";
import type { IntegrationsErrorCode } from "../errors.ts";

/** Codes of a tool's faults. A code is permanent once released. */
export type ToolErrorCode = IntegrationsErrorCode | "TOOL_FAILED";

/** Why a tool did not do what was asked. */
export interface ToolFault {
  readonly code: string;
  /** What happened, and to which thing. */
  readonly message: string;
  /** What the caller can do now. */
  readonly hint: string;
  /** Each argument that is wrong, and its fix. */
  readonly issues?: readonly FieldIssue[];
}

/** Says what a throw means to the caller. What the caller cannot mend is logged, and told without internals. */
export function toolFault(
  error: unknown,
  { tool, logger }: { readonly tool: string; readonly logger: Logger },
): ToolFault {
  const known = isIntegrationError(error) ? error : null;
  const hint = known === null ? undefined : callersHints.get(known.code);
  if (known !== null && hint !== undefined) {
    const issues = issuesOf(known.details);
    return { code: known.code, message: known.message, hint, ...(issues.length > 0 && { issues }) };
  }
  logger.error({ tool, err: error }, "A tool failed.");
  const code: ToolErrorCode = "TOOL_FAILED";
  return {
    code: known?.code ?? code,
    message: `${tool} failed. Whoever runs this server finds the reason in its log.`,
    hint:
      known?.retryable === true
        ? "Try again in a moment."
        : "Trying again will not help. Tell whoever runs this server.",
  };
}

/** The errors that a caller can mend, and how. */
const callersHints: ReadonlyMap<string, string> = new Map<IntegrationsErrorCode, string>([
  [
    "DESTINATION_NOT_FOUND",
    "Call integrations_state for the names of the destinations, or leave the destination out.",
  ],
  ["INTEGRATIONS_INPUT_INVALID", "Correct the arguments that are named, and call the tool again."],
]);

function issuesOf({ issues }: Readonly<Record<string, unknown>>): readonly FieldIssue[] {
  return Array.isArray(issues) ? issues.filter(isFieldIssue) : [];
}

function isFieldIssue(value: unknown): value is FieldIssue {
  return typeof value === "object" && value !== null && "field" in value && "message" in value;
}
