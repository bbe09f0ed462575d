import { isIntegrationError } from "@core/registry";

/** What a report may say of an error: the words of our own ones, which hold no secrets, and of no others. */
export function tellableError(error: unknown): string {
  return isIntegrationError(error) ? error.message : "It failed with an error that was logged.";
}
