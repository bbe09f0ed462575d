import { basename } from "node:path";
import type { ProcessEntry, ProcessTable } from "./process-table.ts";
import { procTable } from "./process-table.ts";

export interface LauncherWatchOptions {
  /** Called once, when a package manager that started this process has gone. */
  readonly onGone: () => void;
  /** Default 500. */
  readonly intervalMs?: number;
  readonly table?: ProcessTable;
  readonly pid?: number;
  /** Calls back once after a time and gives the undo; default: a timer that keeps no process alive. */
  readonly after?: (delayMs: number, callback: () => void) => () => void;
}

/**
 * Watches the package managers that started this process (`npx pnpm start` is npm, sh, pnpm, node): a signal to the
 * first of them does not reach the last. Shells of people are not watched, so `nohup npx … &` and a plain `node`
 * live on. Linux only; elsewhere it does nothing.
 * @returns stops watching
 */
export function watchLaunchers(options: LauncherWatchOptions): () => void {
  const { onGone, intervalMs = 500, table = procTable, pid = process.pid, after = afterTimeout } = options;
  const chain = launcherChain(table, pid);
  if (chain.length < 2) return () => undefined;
  let cancel = after(intervalMs, look);
  return () => cancel();

  function look(): void {
    if (isWhole(table, chain)) cancel = after(intervalMs, look);
    else onGone();
  }
}

/** This process, the launcher that is its parent, and so on up to the first package manager. */
export function launcherChain(table: ProcessTable, pid: number): readonly ProcessEntry[] {
  const chain: ProcessEntry[] = [];
  let length = 1;
  for (let entry = table.read(pid); entry !== null && entry.pid > 1; entry = table.read(entry.parentPid)) {
    const isManager = chain.length > 0 && isPackageManager(entry.command);
    if (chain.length > 0 && !isManager && !isCommandShell(entry.command)) break;
    chain.push(entry);
    // A shell counts only below a package manager: at the top it belongs to a person or a script.
    if (isManager) length = chain.length;
  }
  return chain.slice(0, length);
}

function isWhole(table: ProcessTable, chain: readonly ProcessEntry[]): boolean {
  return chain.every(({ pid, startTime }, index) => {
    const now = table.read(pid);
    const parent = chain[index + 1];
    return now?.startTime === startTime && (parent === undefined || now.parentPid === parent.pid);
  });
}

const managers = /^(?:npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack|bun|bunx)(?:-cli)?(?:\.[cm]?js)?$/;

/** `npm exec pnpm start` (a title that npm writes), a native `pnpm`, or `node …/npx-cli.js`. */
function isPackageManager(command: readonly string[]): boolean {
  const [program = "", script = ""] = command;
  const [word = ""] = program.split(" ");
  if (managers.test(basename(word))) return true;
  return /^node(?:js)?$/.test(basename(word)) && managers.test(basename(script));
}

function isCommandShell([program = "", option = ""]: readonly string[]): boolean {
  return /^(?:sh|bash|dash|ash|zsh|busybox)$/.test(basename(program)) && /^-[a-z]*c$/.test(option);
}

function afterTimeout(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}
