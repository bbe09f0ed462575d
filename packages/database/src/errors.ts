/** Codes of the errors that @core/database throws. A code is permanent once released. */
export type DatabaseErrorCode =
  | "BLOB_INTERRUPTED"
  | "BLOB_TOO_LARGE"
  | "DATABASE_BUSY"
  | "DATABASE_CHANNEL_INVALID"
  | "DATABASE_CLOSED"
  | "DATABASE_MIGRATION_DRIFT"
  | "DATABASE_MIGRATION_DUPLICATE"
  | "DATABASE_MIGRATION_FAILED"
  | "DATABASE_OPEN_FAILED"
  | "DATABASE_OPTIONS_INVALID"
  | "DATABASE_OUTER_HANDLE"
  | "DATABASE_UNREACHABLE"
  | "DATABASE_VALUE_UNREPRESENTABLE"
  | "DATA_DIR_LOCKED"
  | "DATA_DIR_UNUSABLE";

export interface DatabaseErrorOptions {
  readonly code: DatabaseErrorCode;
  readonly message: string;
  /** Whether the same call may succeed later without a change. Default false. */
  readonly retryable?: boolean;
  /** Facts for machines: names and values, never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** What this package throws: `message` says what happened, to which thing, and what to do. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(options: DatabaseErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "DatabaseError";
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** Recognises a {@link DatabaseError} by its shape, so that it works across copies of the package. */
export function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && error.name === "DatabaseError" && "code" in error && "retryable" in error;
}
