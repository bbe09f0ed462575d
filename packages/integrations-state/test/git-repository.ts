import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A real repository in a temporary folder, as a person would use it. */
export interface GitRepository extends Disposable {
  readonly folder: string;
  /** Runs git as a person and gives back what it printed; throws when it fails. */
  git(...args: readonly string[]): string;
  /** The same, whatever becomes of it. */
  tryGit(...args: readonly string[]): void;
  write(path: string, text: string): void;
  /** What a person sees, a line for each path. */
  status(): readonly string[];
  /** The paths of a commit with their contents. */
  committed(commit?: string): Readonly<Record<string, string>>;
}

/** What tests of git may inherit: no settings of the machine. */
export const plainEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env["PATH"] ?? "",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
};

/** A new repository with a first commit of these files; null: without any commit. */
export function makeGitRepository(
  files: Readonly<Record<string, string>> | null = { "a.txt": "a\n", "b.txt": "b\n" },
): GitRepository {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "git-test-")));
  const person = { name: "A Person", email: "person@example.org" };
  const who = ["-c", `user.name=${person.name}`, "-c", `user.email=${person.email}`];
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", folder, ...who, ...args], {
      env: plainEnvironment,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trimEnd();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  git("init", "--quiet", "--initial-branch=main");
  if (files !== null) {
    for (const [path, text] of Object.entries(files)) write(path, text);
    git("add", "--all");
    git("commit", "--quiet", "--message=first");
  }
  return {
    folder,
    git,
    tryGit(...args) {
      try {
        git(...args);
      } catch {
        // A conflict, which the test asked for.
      }
    },
    write,
    status: () =>
      git("status", "--porcelain")
        .split("\n")
        .filter((line) => line !== ""),
    committed(commit = "HEAD") {
      const paths = git("ls-tree", "-r", "--name-only", commit)
        .split("\n")
        .filter((path) => path !== "");
      return Object.fromEntries(paths.map((path) => [path, `${git("show", `${commit}:${path}`)}\n`]));
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
