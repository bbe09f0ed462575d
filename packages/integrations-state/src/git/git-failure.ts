/** Why nothing was committed, as a code that does not change. */
export type GitFailureCode =
  | "bare_repository"
  | "git_failed"
  | "git_missing"
  | "git_timeout"
  | "index_conflict"
  | "index_locked"
  | "not_a_repository"
  | "not_checked_out"
  | "ref_locked"
  | "repository_missing"
  | "state_unavailable";

/** Git could not do what it was asked for; the message is for people and holds no credentials. */
export class GitFailure extends Error {
  override readonly name = "GitFailure";
  readonly code: GitFailureCode;

  constructor(code: GitFailureCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What git said of its failure: the first line, at most 300 characters, without user and password of URLs. */
export function gitReason(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const told = lines.find((line) => /^(?:fatal|error):/.test(line)) ?? lines.find((line) => line !== "");
  return (told ?? "it gave no reason.").replaceAll(/:\/\/[^\s/@]*@/g, "://").slice(0, 300);
}
