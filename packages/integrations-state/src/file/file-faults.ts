import { IntegrationsError } from "../errors.ts";

/** The code by which the system names an error, or an empty text. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

export function stateUnreadable(path: string, cause: unknown): IntegrationsError {
  return fileFault("STATE_UNREADABLE", path, "cannot be read", cause);
}

/** The old state stands. */
export function stateNotWritten(path: string, cause: unknown): IntegrationsError {
  return fileFault("STATE_WRITE_FAILED", path, "was not changed", cause, { may_be_stored: false });
}

/** The new state stands, and may be gone after a loss of power. */
export function stateNotSynced(path: string, cause: unknown): IntegrationsError {
  const what = "was changed, but may not survive a loss of power";
  return fileFault("STATE_WRITE_FAILED", path, what, cause, { may_be_stored: true });
}

function fileFault(
  code: "STATE_UNREADABLE" | "STATE_WRITE_FAILED",
  path: string,
  what: string,
  cause: unknown,
  details: Readonly<Record<string, unknown>> = {},
): IntegrationsError {
  const system = codeOf(cause);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new IntegrationsError({
    code,
    message: `The integrations state ${path} ${what}: ${reason}. ${ADVICE[system] ?? "See the cause."}`,
    retryable: PASSING.has(system),
    details: { path, system_code: system || null, ...details },
    cause,
  });
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: "Give this user the right to read the file and to write into its folder, or choose another path.",
  EPERM: "Give this user the right to read the file and to write into its folder, or choose another path.",
  EROFS: "Choose a path on a file system that can be written.",
  ENOSPC: "Make room on the disk and try again.",
  EDQUOT: "Make room within the quota and try again.",
  EMFILE: "Raise the limit of open files of this process, or close some, and try again.",
  ENFILE: "Raise the limit of open files of this machine, or close some, and try again.",
  EISDIR: "There is a folder in its place: move it away, or choose another path.",
  ENOTDIR: "There is a file where a folder should be: move it away, or choose another path.",
  ELOOP: "Its links point to each other: mend them, or choose another path.",
  ENOENT: "A link points into a folder that is not there: mount or make that folder, or mend the link.",
  EBUSY: "Mount the folder of the state, not the file alone, and let nobody else hold it open.",
  ERR_SQLITE_ERROR:
    "Its lock, the file .lock.db beside it, cannot be used: give this user the right to write it, on a local file system.",
  EIO: "The disk fails: look at the system's log.",
};

const PASSING: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EBUSY"]);
