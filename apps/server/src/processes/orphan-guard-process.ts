// The guard's own process; started by orphan-guard.ts with the owner's mark and `--remove=<folder>` arguments.
import { realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { markedProcesses } from "./marked-processes.ts";
import type { ProcessEntry } from "./process-table.ts";
import { procTable } from "./process-table.ts";

const MERCY_MS = 300;
const ROUNDS = 20;
const ROUND_MS = 50;

const [mark = "", ...options] = process.argv.slice(2);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
const known = new Map<number, ProcessEntry>();
process.stdin.resume();
let isOver = false;
for (const event of ["end", "error", "close"] as const) process.stdin.once(event, ownerGone);

function ownerGone(): void {
  if (!isOver) void endOrphans();
  isOver = true;
}

async function endOrphans(): Promise<void> {
  signalAll("SIGTERM");
  await sleep(MERCY_MS);
  for (let round = 0; round < ROUNDS && signalAll("SIGKILL") > 0; round += 1) await sleep(ROUND_MS);
  for (const option of options) removeFolder(option.slice("--remove=".length));
  process.exit(0);
}

/** How many processes were signalled. Who was found once stays found, though its marked parent has gone. */
function signalAll(signal: NodeJS.Signals): number {
  for (const entry of markedProcesses(mark)) known.set(entry.pid, entry);
  const alive = [...known.values()].filter(
    ({ pid, startTime }) => procTable.read(pid)?.startTime === startTime,
  );
  for (const { pid } of alive) {
    try {
      process.kill(pid, signal);
    } catch {
      // It is gone, or it belongs to somebody else.
    }
  }
  return alive.length;
}

function removeFolder(folder: string): void {
  try {
    if (realpathSync(folder).startsWith(realpathSync(tmpdir()) + sep)) {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  } catch {
    // It does not exist, or it may not be removed: nobody is left to be told.
  }
}
