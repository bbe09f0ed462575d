import { devNull } from "node:os";
import type { Clock } from "@core/registry";
import { GitFailure, gitReason } from "./git-failure.ts";
import type { GitAnswer, GitProcess } from "./git-process.ts";
import { startGit, subcommand } from "./git-process.ts";

/** The system's git in one folder, which runs no hooks, asks nobody and stays off the network. */
export interface Git {
  /** What the command printed. @throws GitFailure when it does not end with 0 */
  run(args: readonly string[], options?: GitRunOptions): Promise<string>;
  /** The same, whatever it ends with. */
  ask(args: readonly string[], options?: GitRunOptions): Promise<GitAnswer>;
  start(args: readonly string[], options?: GitRunOptions): GitProcess;
  /** The same git elsewhere. */
  in(folder: string): Git;
}

interface GitRunOptions {
  readonly input?: string;
  /** Variables beside those that every command has, such as GIT_INDEX_FILE. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface GitOptions {
  readonly folder: string;
  readonly command: string;
  readonly timeoutMs: number;
  /** What git inherits; variables of its own are left out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

export function createGit(options: GitOptions): Git {
  const { folder, command, timeoutMs, clock } = options;
  const inherited = withoutGitVariables(options.environment);

  return { run, ask, start, in: (other) => createGit({ ...options, folder: other }) };

  async function run(args: readonly string[], runOptions: GitRunOptions = {}): Promise<string> {
    const answer = await ask(args, runOptions);
    if (answer.exitCode === 0) return answer.stdout;
    throw refused(args, answer);
  }

  function ask(args: readonly string[], runOptions: GitRunOptions = {}): Promise<GitAnswer> {
    const running = start(args, runOptions);
    running.end(runOptions.input);
    return running.answer;
  }

  function start(args: readonly string[], { variables = {} }: GitRunOptions = {}): GitProcess {
    const environment = { ...inherited, ...QUIET, ...variables };
    return startGit({ command, args: ["-C", folder, ...SAFE, ...args], environment, timeoutMs, clock });
  }
}

/** What a command that failed has said. */
export function refused(args: readonly string[], { stderr }: Pick<GitAnswer, "stderr">): GitFailure {
  return new GitFailure("git_failed", `git ${subcommand(args)} failed: ${gitReason(stderr)}`);
}

/** Messages in English, no questions, and no locks that are not needed. */
const QUIET = { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0" };

/** Settings of the repository that would run programs, reach a network or refuse line ends. */
const SAFE = [
  `core.hooksPath=${devNull}`,
  "core.fsmonitor=false",
  "core.safecrlf=false",
  "protocol.allow=never",
  "i18n.commitEncoding=UTF-8",
].flatMap((setting) => ["-c", setting]);

/** GIT_DIR and its like would lead git elsewhere than to the repository that was named. */
function withoutGitVariables(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || name.toUpperCase().startsWith("GIT_") ? [] : [[name, value]],
    ),
  );
}
