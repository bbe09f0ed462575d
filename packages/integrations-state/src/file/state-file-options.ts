import { resolve } from "node:path";
import { silentLogger, systemClock } from "@core/registry";
import type { Clock, Logger } from "@core/registry";
import type { IntegrationsError } from "../errors.ts";
import type { FileMutex } from "./file-mutex.ts";
import { nodeFileSystem } from "./file-system.ts";
import type { FileSystem } from "./file-system.ts";
import { createSqliteMutex } from "./sqlite-mutex.ts";

export interface StateFileOptions {
  /** On a local file system. Default: `data/state/integrations.json`, from the working directory of now. */
  readonly path?: string;
  /** How long a write waits for the lock before its updates reject with STATE_LOCK_TIMEOUT. Default: 5,000. */
  readonly lockTimeoutMs?: number;
  /** How long a mutator may take before its update rejects with STATE_MUTATOR_TIMEOUT. Default: 1,000. */
  readonly mutatorTimeoutMs?: number;
  /** Told of each damaged state, with its code STATE_CORRUPT and what was done about it. */
  readonly onProblem?: (problem: IntegrationsError) => void;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** At least 0 and less than 1. */
  readonly random?: () => number;
  /** Default: a lock of the kernel, held through SQLite on `<state>.lock.db`. */
  readonly mutex?: FileMutex;
  readonly fileSystem?: FileSystem;
}

export type StateFileParts = Required<StateFileOptions>;

export function stateFileParts(options: StateFileOptions): StateFileParts {
  return {
    path: resolve(options.path ?? "data/state/integrations.json"),
    lockTimeoutMs: options.lockTimeoutMs ?? 5_000,
    mutatorTimeoutMs: options.mutatorTimeoutMs ?? 1_000,
    onProblem: options.onProblem ?? (() => undefined),
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    mutex: options.mutex ?? createSqliteMutex(),
    fileSystem: options.fileSystem ?? nodeFileSystem,
  };
}
