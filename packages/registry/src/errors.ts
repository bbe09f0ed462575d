/** Codes of the errors that @core/registry throws. A code is permanent once released. */
export type RegistryErrorCode =
  | "DISPATCHER_TYPE_TAKEN"
  | "DISPATCHER_TYPE_INVALID"
  | "INTEGRATION_INVALID"
  | "INTEGRATION_TYPE_TAKEN"
  | "INTEGRATION_NOT_FOUND"
  | "INTEGRATION_ALREADY_ACTIVE"
  | "INTEGRATION_API_VERSION"
  | "HOOK_TIMEOUT"
  | "HOOK_QUEUE_FULL"
  | "HOOK_LISTENER_FAILED"
  | "QUERY_FAILED";

export interface IntegrationErrorOptions<Code extends string> {
  readonly code: Code;
  readonly message: string;
  /** Whether the same call may succeed later without a change. Default false. */
  readonly retryable?: boolean;
  /** Facts for machines: names and values, never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The base of the errors of this family: `message` says what happened, to which thing, and what to do. */
export class IntegrationError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(options: IntegrationErrorOptions<Code>) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "IntegrationError";
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** What a caught value says of itself; never throws, whatever was thrown. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  return typeof cause === "string" ? cause : "a value that is not an Error was thrown";
}

/** Recognises an error of this family by its shape, so that it works across copies of the package. */
export function isIntegrationError(error: unknown): error is IntegrationError {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    "retryable" in error &&
    typeof error.retryable === "boolean" &&
    "details" in error
  );
}
