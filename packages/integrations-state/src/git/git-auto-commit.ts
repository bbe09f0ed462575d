import { resolve } from "node:path";
import type { JsonObject } from "@core/registry";
import type { IntegrationsParts } from "../integrations-parts.ts";
import type { GitAutoCommitConfig } from "../state/integration-state.ts";
import { commitMessage, DEFAULT_MESSAGE } from "./commit-message.ts";
import { createGit } from "./git.ts";
import { GitFailure } from "./git-failure.ts";
import type { GitFailureCode } from "./git-failure.ts";
import { readSettingsChange } from "./git-settings.ts";
import type { CommitAuthor } from "./work-tree-commit.ts";
import { commitWorkTree } from "./work-tree-commit.ts";

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
  /** At least one. */
  readonly on_events?: readonly string[];
}

export interface GitAutoCommitOptions {
  /** The work tree to commit in, or a folder of one; set by the operator, never by a caller. */
  readonly repository: string;
  /** Default `{event}: {summary}`; `{files}` and the payload's top-level texts and numbers are known too. */
  readonly message?: string;
  /** Default `Git auto-commit <git-auto-commit@localhost>`, so that no commit fails for a missing identity. */
  readonly author?: CommitAuthor;
  /** Of one git command. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default `git`, 2.31 or newer. */
  readonly command?: string;
  /** What git, and the filters it runs, inherit. Default: this process's. Variables that begin with GIT_ never count. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
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
  | { readonly status: "failed"; readonly code: GitFailureCode; readonly message: string };

/** Without `git` it keeps the settings and commits nothing. */
export function createGitAutoCommit(
  { store, clock, diagnostics, logger }: IntegrationsParts,
  { git }: { readonly git?: GitAutoCommitOptions } = {},
): GitAutoCommit {
  const commit = git === undefined ? null : createCommitter(git, { clock });
  let last: Promise<unknown> = Promise.resolve();

  return {
    getGitAutoCommitConfig: async () => known((await store.read()).git_auto_commit),
    async setGitAutoCommitConfig(change) {
      const read = readSettingsChange(change);
      const { result } = await store.update(({ git_auto_commit: config }) => {
        Object.assign(config, read);
        if (read.on_events !== undefined) delete config.unknown_events;
        return known(config);
      });
      diagnostics.event("integrations.git.configured", { ...result });
      return result;
    },
    async autoCommit(eventName, payload = {}) {
      const outcome = await outcomeOf(eventName, payload).catch(failure);
      tell(eventName, outcome);
      return outcome;
    },
  };

  async function outcomeOf(eventName: string, payload: JsonObject): Promise<AutoCommitOutcome> {
    const { enabled, on_events: events } = await settings();
    if (!enabled) return skipped("disabled", "Git auto-commit is switched off.");
    if (!events.some((event) => event === eventName))
      return skipped("not_subscribed", `Nothing is committed on ${eventName}.`);
    if (commit === null)
      return skipped("no_repository", "The operator has named no repository to commit in.");
    // Two at once would only be in each other's way.
    const turn = last.then(() => commit(eventName, payload));
    last = turn.catch(() => undefined);
    return turn;
  }

  async function settings(): Promise<GitAutoCommitConfig> {
    try {
      return (await store.read()).git_auto_commit;
    } catch (error) {
      throw new GitFailure("state_unavailable", `The settings cannot be read. ${reasonOf(error)}`);
    }
  }

  function tell(event: string, outcome: AutoCommitOutcome): void {
    // Most events are not to be committed on.
    if (outcome.status === "skipped" && /^(?:disabled|not_subscribed)$/.test(outcome.reason)) return;
    diagnostics.metric("integrations.git.auto_commit", 1, { event, outcome: outcome.status });
    diagnostics.event("integrations.git.auto_commit", { event, ...outcome });
    if (outcome.status === "failed") logger.warn({ event, ...outcome }, "Git auto-commit failed.");
  }
}

/** Without what only a later version knows. */
function known({ enabled, on_events }: GitAutoCommitConfig): GitAutoCommitConfig {
  return { enabled, on_events };
}

const DEFAULT_AUTHOR: CommitAuthor = { name: "Git auto-commit", email: "git-auto-commit@localhost" };

function createCommitter(
  options: GitAutoCommitOptions,
  { clock }: Pick<IntegrationsParts, "clock">,
): (event: string, payload: JsonObject) => Promise<AutoCommitOutcome> {
  const { message: template = DEFAULT_MESSAGE, author = DEFAULT_AUTHOR, timeoutMs = 30_000 } = options;
  const { command = "git", environment = process.env } = options;
  const folder = resolve(options.repository);
  const git = createGit({ folder, command, timeoutMs, environment, clock });
  return (event, payload) => {
    const message = (files: number): string => commitMessage(template, { event, files, payload });
    return commitWorkTree({ git, folder, message, author, clock });
  };
}

type Skipped = Extract<AutoCommitOutcome, { readonly status: "skipped" }>;

function skipped(reason: Skipped["reason"], message: string): Skipped {
  return { status: "skipped", reason, message };
}

function failure(error: unknown): AutoCommitOutcome {
  const code = error instanceof GitFailure ? error.code : "git_failed";
  return { status: "failed", code, message: reasonOf(error) };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
