import { IntegrationError } from "@core/registry";

/** Codes of the errors that @core/host throws. A code is permanent once released. */
export type HostErrorCode =
  | "HOST_PORT_UNAVAILABLE"
  | "HOST_STOPPED"
  | "HOST_TIMEOUT"
  | "STORAGE_KEY_INVALID"
  | "STORAGE_VALUE_INVALID";

/** Thrown by everything in this package. */
export class HostError extends IntegrationError<HostErrorCode> {
  override readonly name: string = "HostError";
}

/** Recognises an error of this package by its shape, so that it works across copies of the package. */
export function isHostError(error: unknown): error is HostError {
  return error instanceof Error && error.name === "HostError" && "code" in error && "details" in error;
}
