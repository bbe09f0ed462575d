import type { JsonObject } from "@core/registry";
import type { GitAutoCommitConfig } from "../state/integration-state.ts";

/** Commits the work of an agent when something happened. */
export interface GitAutoCommit {
  getGitAutoCommitConfig(): Promise<GitAutoCommitConfig>;
  /** Fields that are omitted keep their value. @throws INTEGRATIONS_INPUT_INVALID */
  setGitAutoCommitConfig(change: GitAutoCommitChange): Promise<GitAutoCommitConfig>;
  /** Commits what has changed in the operator's repository if this event asks for it. Failures are values. */
  autoCommit(eventName: string, payload?: JsonObject): Promise<AutoCommitOutcome>;
}

export interface GitAutoCommitChange {
  readonly enabled?: boolean;
  readonly on_events?: readonly string[];
}

export interface GitAutoCommitOptions {
  /** The work tree to commit in; set by the operator, never by a caller. */
  readonly repository: string;
  /** Default `{event}: {summary}`; the payload's top-level texts and numbers fill `{name}`. */
  readonly message?: string;
  /** Of one git command. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default `git`. */
  readonly command?: string;
}

export type AutoCommitOutcome =
  | { readonly status: "committed"; readonly commit: string; readonly files: number }
  | {
      readonly status: "skipped";
      readonly reason:
        | "disabled"
        | "not_subscribed"
        | "no_repository"
        | "nothing_changed"
        | "operation_in_progress";
      readonly message: string;
    }
  | { readonly status: "failed"; readonly code: string; readonly message: string };
