import { isIntegrationError } from "@core/registry";
import { ProblemError } from "./problem.ts";
import { similarName } from "../similar-name.ts";

/** The same error, with the dispatch type that was probably meant where one was not known. */
export function withDispatchTypeHint(error: unknown, given: string, known: readonly string[]): unknown {
  if (!isIntegrationError(error) || error.code !== "DISPATCH_TYPE_UNKNOWN") return error;
  const meant = similarName(given, known);
  if (meant === null) return error;
  const message = `"${given}" is not a known dispatch type. Did you mean "${meant}"? Or set strict to false to keep the delivery until a server has it.`;
  return new ProblemError("DISPATCH_TYPE_UNKNOWN", `The task was not stored. dispatch_type: ${message}`, {
    errors: [{ field: "dispatch_type", message }],
  });
}
