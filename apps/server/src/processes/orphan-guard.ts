import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { OWNER_VARIABLE } from "./marked-processes.ts";

export interface OrphanGuardOptions {
  /** Folders below the system's temporary folder that are removed at the end as well. */
  readonly remove?: readonly string[];
}

/** Ends what this process has started when this process dies, in whatever way. */
export interface OrphanGuard {
  /** What every child has to have in its environment to be guarded, and its own children with it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Does now what would be done at this process's death. */
  close(): void;
}

/**
 * Starts a small process of its own session that holds a pipe from this one. When the pipe closes, it ends every process that carries the mark, with TERM and then KILL. Linux only; elsewhere it guards nothing.
 */
export function startOrphanGuard(options: OrphanGuardOptions = {}): OrphanGuard {
  if (process.platform !== "linux") return { environment: {}, close: () => undefined };
  const mark = randomBytes(12).toString("hex");
  const inherited = process.env[OWNER_VARIABLE];
  const environment = { [OWNER_VARIABLE]: inherited === undefined ? mark : `${inherited} ${mark}` };
  const guard = spawn(process.execPath, [guardScript(), mark, ...removals(options)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    // Without the mark of an outer guard, so that it outlives a kill of everything it watches over.
    env: { PATH: process.env["PATH"], TMPDIR: tmpdir() },
  });
  guard.on("error", () => undefined);
  guard.stdin.on("error", () => undefined);
  guard.unref();
  // A child's pipe is a socket, which the types do not tell.
  if ("unref" in guard.stdin && typeof guard.stdin.unref === "function") guard.stdin.unref();
  return { environment, close: () => void guard.stdin.end() };
}

function guardScript(): string {
  const name = import.meta.url.endsWith(".ts") ? "./orphan-guard-process.ts" : "./orphan-guard-process.js";
  return fileURLToPath(new URL(name, import.meta.url));
}

function removals({ remove = [] }: OrphanGuardOptions): readonly string[] {
  return remove.map((folder) => `--remove=${folder}`);
}
