import { IntegrationError } from "@core/registry";
import type { FieldIssue } from "@core/registry";

/** Codes of the errors that @core/integrations-state throws. A code is permanent once released. */
export type IntegrationsErrorCode =
  | "DESTINATION_NOT_FOUND"
  | "ENCRYPTION_KEY_INVALID"
  | "ENCRYPTION_KEY_MISSING"
  | "ENCRYPTION_KEY_WRONG"
  | "INTEGRATIONS_INPUT_INVALID"
  | "STATE_CLOSED"
  | "STATE_CORRUPT"
  | "STATE_LOCK_TIMEOUT"
  | "STATE_MUTATOR_TIMEOUT"
  | "STATE_UNREADABLE"
  | "STATE_UPDATE_NESTED"
  | "STATE_VERSION_UNSUPPORTED"
  | "STATE_WRITE_FAILED";

/** Thrown by everything in this package. */
export class IntegrationsError extends IntegrationError<IntegrationsErrorCode> {
  override readonly name: string = "IntegrationsError";
}

/** Bad input: `details.issues` names each field and its fix; `refusal` says what was not done. */
export function invalidInput(refusal: string, issues: readonly FieldIssue[]): IntegrationsError {
  const list = issues.map(({ field, message }) => (field ? `${field}: ${message}` : message));
  return new IntegrationsError({
    code: "INTEGRATIONS_INPUT_INVALID",
    message: [refusal, ...list].join(" "),
    details: { issues },
  });
}
