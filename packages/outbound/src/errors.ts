import { IntegrationError } from "@core/registry";
import type { IntegrationErrorOptions } from "@core/registry";

/** Codes of the errors that @core/outbound throws. A code is permanent once released. */
export type OutboundErrorCode =
  | "OUTBOUND_CIDR_INVALID"
  | "OUTBOUND_URL_INVALID"
  | "OUTBOUND_REQUEST_INVALID"
  | "OUTBOUND_ADDRESS_REFUSED"
  | "OUTBOUND_NETWORK"
  | "OUTBOUND_TIMEOUT"
  | "OUTBOUND_ABORTED"
  | "OUTBOUND_RESPONSE_TOO_LARGE"
  | "OUTBOUND_CLOSED"
  | "WEBHOOK_SECRET_INVALID"
  | "WEBHOOK_ID_INVALID"
  | "WEBHOOK_TIMESTAMP_INVALID"
  | "WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW"
  | "WEBHOOK_HEADER_MISSING"
  | "WEBHOOK_HEADER_DUPLICATE"
  | "WEBHOOK_SIGNATURE_MISMATCH";

/** Whether a failed request can have reached the receiver: `no` is certain, `maybe` means that the answer is lost. */
export type Sent = "no" | "maybe";

/** Thrown by everything in this package; `details.sent` tells whether a failed request may have arrived. */
export class OutboundError extends IntegrationError<OutboundErrorCode> {
  constructor(options: IntegrationErrorOptions<OutboundErrorCode>) {
    super(options);
    this.name = "OutboundError";
  }
}

/** Recognises an error of this package by its shape, so that it works across copies of the package. */
export function isOutboundError(error: unknown): error is OutboundError {
  return error instanceof Error && error.name === "OutboundError" && "code" in error && "details" in error;
}

/** Reads whether a failed request may have arrived; `maybe` unless the error is certain that it has not. */
export function sentOf(error: unknown): Sent {
  return isOutboundError(error) && error.details["sent"] === "no" ? "no" : "maybe";
}
