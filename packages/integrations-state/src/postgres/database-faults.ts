import { IntegrationsError } from "../errors.ts";

/** What the state could not be read for. */
export function unreadable(cause: unknown): IntegrationsError {
  if (cause instanceof IntegrationsError) return cause;
  return new IntegrationsError({
    code: "STATE_UNREADABLE",
    message: `The integrations state could not be read from the database. ${adviceOn(cause)}`,
    retryable: mayPass(cause),
    cause,
  });
}

/** What the state could not be changed for. When the end of the transaction was lost, nobody knows whether it was. */
export function notWritten(cause: unknown, isCommitting: boolean, lockTimeoutMs: number): IntegrationsError {
  if (cause instanceof IntegrationsError) return cause;
  if (sqlStateOf(cause) === LOCK_NOT_AVAILABLE) return lockTimedOut(cause, lockTimeoutMs);
  return new IntegrationsError({
    code: "STATE_WRITE_FAILED",
    message: isCommitting
      ? "The connection to the database was lost while a change of the integrations state was committed. Read the state to see whether it is stored."
      : `The integrations state was not changed: the database refused. ${adviceOn(cause)}`,
    retryable: mayPass(cause),
    details: { may_be_stored: isCommitting },
    cause,
  });
}

const LOCK_NOT_AVAILABLE = "55P03";
const UNDEFINED_TABLE = "42P01";

/** Classes of SQLSTATE that no repetition mends: data, access, names and syntax. */
const LASTING = /^(?:22|28|3D|3F|42)/;

function lockTimedOut(cause: unknown, timeoutMs: number): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_LOCK_TIMEOUT",
    message:
      `The integrations state was not changed: another process was changing it for ${timeoutMs} ms. ` +
      "Try again; if it stays so, look in pg_stat_activity for a transaction that does not end.",
    retryable: true,
    details: { timeout_ms: timeoutMs },
    cause,
  });
}

function adviceOn(error: unknown): string {
  return sqlStateOf(error) === UNDEFINED_TABLE
    ? "Its table is missing: apply stateMigrations() with the schema that the store was given."
    : "Look at the cause.";
}

function mayPass(error: unknown): boolean {
  // Some say so themselves, such as those of @core/database.
  if (error instanceof Error && "retryable" in error) return error.retryable === true;
  return !LASTING.test(sqlStateOf(error));
}

function sqlStateOf(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : "";
  return typeof code === "string" ? code : "";
}
