import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder on a real disk, and how to be rid of it. */
export interface ScratchFolder extends Disposable {
  readonly path: string;
  /** The path of something in it. */
  at(...names: string[]): string;
}

export function makeScratchFolder(): ScratchFolder {
  const path = mkdtempSync(join(tmpdir(), "state-file-"));
  return {
    path,
    at: (...names) => join(path, ...names),
    [Symbol.dispose]() {
      chmodSync(path, 0o700);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
