import { isDatabaseError } from "@core/database";
import { isIntegrationError } from "@core/registry";
import { ConfigurationError } from "./configuration.ts";
import { KeyFileError } from "./key-file.ts";

/** Thrown when the server cannot start for a reason that its operator can mend. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** The plain words for a start that failed; null when only a stack trace helps. */
export function plainStartError(error: unknown): string | null {
  const isPlain =
    error instanceof StartError ||
    error instanceof ConfigurationError ||
    error instanceof KeyFileError ||
    isDatabaseError(error) ||
    isIntegrationError(error);
  return isPlain ? error.message : null;
}
