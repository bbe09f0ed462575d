import { DatabaseError } from "./errors.ts";

/** Where a Postgres is, in words that carry no secret: `db.example:5432/app`. */
export function describeAddress(url: string): string {
  const parsed = parsePostgresUrl(url);
  const host = parsed.searchParams.get("host") ?? (parsed.hostname || "localhost");
  const database = parsed.pathname.slice(1);
  return `${host}:${parsed.port || "5432"}${/^[\w.-]+$/.test(database) ? `/${database}` : ""}`;
}

/** @throws {DatabaseError} DATABASE_UNREACHABLE; the message never repeats the url, which may hold a password. */
export function parsePostgresUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol === "postgres:" || parsed?.protocol === "postgresql:") return parsed;
  throw new DatabaseError({
    code: "DATABASE_UNREACHABLE",
    message:
      "The database url is not a Postgres url. Use postgres://user:password@host:5432/database " +
      "and percent-encode special characters in the password.",
  });
}

/** Turns a failure to connect into one that says where, and whether waiting may help. */
export function connectError(url: string, cause: unknown): DatabaseError {
  const address = describeAddress(url);
  const reason = describeCause(cause);
  if (reason === "timeout exceeded when trying to connect") {
    return new DatabaseError({
      code: "DATABASE_BUSY",
      message: `No connection to the database at ${address} became free in time. Shorten transactions or raise poolSize.`,
      retryable: true,
      details: { address },
      cause,
    });
  }
  return new DatabaseError({
    code: "DATABASE_UNREACHABLE",
    message: `The database at ${address} cannot be reached: ${reason}. Check that it runs and that the url is right.`,
    retryable: !isRefusedForGood(cause),
    details: { address },
    cause,
  });
}

function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return "unknown cause";
  // A name with several addresses fails with an AggregateError whose message is empty.
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
  return cause.message === "" ? code : cause.message;
}

/** Wrong password or role (class 28), no such database (3D000). */
function isRefusedForGood(cause: unknown): boolean {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" && /^(28...|3D000)$/.test(code);
}
