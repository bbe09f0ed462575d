import { open, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** What the disk makes everybody wait. */
export interface SyncProbe {
  /** How long the slowest write took so far. */
  longestMs(): number;
  stop(): Promise<void>;
}

/** Writes a file of so many bytes and syncs it, again and again. */
export function startSyncProbe(path: string, bytes: number): SyncProbe {
  let isOver = false;
  let longestMs = 0;
  const probing = (async () => {
    while (!isOver) {
      longestMs = Math.max(longestMs, await writeAndSync(path, bytes));
      await sleep(PAUSE_MS);
    }
  })();
  return {
    longestMs: () => longestMs,
    async stop() {
      isOver = true;
      await probing;
      await rm(path, { force: true });
    },
  };
}

const PAUSE_MS = 50;

async function writeAndSync(path: string, bytes: number): Promise<number> {
  const beganMs = performance.now();
  const file = await open(path, "w");
  try {
    await file.write(Buffer.alloc(bytes, 1));
    await file.sync();
  } finally {
    await file.close();
  }
  return performance.now() - beganMs;
}
