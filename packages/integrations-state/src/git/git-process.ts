import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Readable } from "node:stream";
import type { Clock } from "@core/registry";
import { GitFailure } from "./git-failure.ts";

/** A git that was started. */
export interface GitProcess {
  /** Nothing more will be written to it. */
  end(input?: string): void;
  write(input: string): void;
  /** Resolves when it has printed this text; with false when it has ended without. */
  printed(text: string): Promise<boolean>;
  /** @throws GitFailure `git_missing`, `git_timeout` */
  readonly answer: Promise<GitAnswer>;
}

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GitProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** A git that is told to end has so long to remove its lock files. */
const CLEANUP_MS = 2_000;
const hasGroups = process.platform !== "win32";

/** Starts git without a shell, in a process group of its own, so that its filters end with it. */
export function startGit({ command, args, environment, timeoutMs, clock }: GitProcessOptions): GitProcess {
  const child = spawn(command, [...args], { env: environment, detached: hasGroups, windowsHide: true });
  const stdout = gatheredText(child.stdout);
  const stderr = gatheredText(child.stderr);
  // It may end before it has read everything; its exit code says why.
  child.stdin.on("error", () => undefined);

  const exit = new Promise<number>((resolve, reject) => {
    child.once("error", (error) => reject(notStarted(command, error)));
    child.once("close", (code) => resolve(code ?? -1));
  });
  const answer = withinTime(child, exit, { args, timeoutMs, clock }).then((exitCode) => ({
    exitCode,
    stdout: stdout.text(),
    stderr: stderr.text(),
  }));
  // Whoever starts it may look at its answer later than it fails.
  answer.catch(() => undefined);
  return {
    write: (input) => void child.stdin.write(input),
    end: (input = "") => void child.stdin.end(input),
    printed: (text) =>
      Promise.race([stdout.printed(text), answer.then((ended) => ended.stdout.includes(text))]),
    answer,
  };
}

interface GatheredText {
  text(): string;
  /** Resolves when this text is part of it. */
  printed(text: string): Promise<true>;
}

function gatheredText(stream: Readable): GatheredText {
  let gathered = "";
  stream.setEncoding("utf8").on("data", (text: string) => (gathered += text));
  return {
    text: () => gathered,
    printed: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (gathered.includes(text)) resolve(true);
        };
        stream.on("data", look);
        look();
      }),
  };
}

async function withinTime(
  child: ChildProcessWithoutNullStreams,
  exit: Promise<number>,
  { args, timeoutMs, clock }: Pick<GitProcessOptions, "args" | "timeoutMs" | "clock">,
): Promise<number> {
  let isLate = false;
  let forget = clock.after(timeoutMs, () => {
    isLate = true;
    signal(child, "SIGTERM");
    forget = clock.after(CLEANUP_MS, () => {
      signal(child, "SIGKILL");
      // Whoever has left the group may hold the pipes for ever.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    });
  });
  const exitCode = await exit.finally(() => forget());
  if (!isLate) return exitCode;
  throw new GitFailure(
    "git_timeout",
    `git ${subcommand(args)} took longer than ${timeoutMs} ms and was ended. Look for a slow filter or disk, or raise timeoutMs.`,
  );
}

function signal(child: ChildProcessWithoutNullStreams, name: NodeJS.Signals): void {
  try {
    if (hasGroups && child.pid !== undefined) process.kill(-child.pid, name);
    else child.kill(name);
  } catch {
    // It has ended by itself.
  }
}

function notStarted(command: string, error: Error): GitFailure {
  const reason = "code" in error ? String(error.code) : error.message;
  return new GitFailure(
    "git_missing",
    `The program ${command} cannot be started (${reason}). Install git, or name the program by the option \`command\`.`,
  );
}

/** The first argument behind the options of git itself. */
export function subcommand(args: readonly string[]): string {
  const takesValue = new Set(["-C", "-c"]);
  return args.find((arg, at) => !takesValue.has(arg) && !takesValue.has(args[at - 1] ?? "")) ?? "";
}
