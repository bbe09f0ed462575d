import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createStateFile } from "@core/integrations-state";
import type { IntegrationState } from "@core/integrations-state";
import { lock } from "proper-lockfile";
import writeFileAtomic from "write-file-atomic";
import type { Way } from "./way.ts";
import { inTurn, normalised } from "./way.ts";

/** All that wait in one write that is synced. */
export const ours: Way = {
  name: "ours",
  open: (path) => createStateFile({ path }),
};

/** A lock file, a read and a write for each update; nothing is synced. */
export const reference: Way = {
  name: "reference",
  open(path) {
    const queue = inTurn();
    return {
      update: (mutator) =>
        queue(() =>
          withLockFile(`${path}.lock`, () => {
            const state = normalised(JSON.parse(readFileSync(path, "utf8")) as IntegrationState);
            mutator(state);
            const temporary = `${path}.${process.pid}.${Date.now()}.tmp`;
            writeFileSync(temporary, documentOf(state));
            renameSync(temporary, path);
            rmSync(temporary, { force: true });
          }),
        ),
    };
  },
};

/** The usual pair of packages: a lock and a write that is synced for each update; the folder is not. */
export const pair: Way = {
  name: "proper-lockfile + write-file-atomic",
  open(path) {
    const queue = inTurn();
    return {
      update: (mutator) =>
        queue(async () => {
          const release = await lock(path, { retries: { forever: true, minTimeout: 5, maxTimeout: 50 } });
          try {
            const state = normalised(JSON.parse(await readFile(path, "utf8")) as IntegrationState);
            mutator(state);
            await writeFileAtomic(path, documentOf(state));
          } finally {
            await release();
          }
        }),
    };
  },
};

async function withLockFile(path: string, work: () => void): Promise<void> {
  const endMs = performance.now() + 5_000;
  for (;;) {
    try {
      closeSync(openSync(path, "wx"));
      break;
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
    await sleep(10);
  }
  try {
    work();
  } finally {
    rmSync(path, { force: true });
  }
}

function documentOf(state: IntegrationState): string {
  return `${JSON.stringify(normalised({ ...state, updated_at: new Date().toISOString() }), null, 2)}\n`;
}
