import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "../measuring/statistics.ts";

/** Where a result was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly os: string;
  readonly node: string;
  /** What the disk takes to keep 8 kB for good: it is in every commit. */
  readonly fdatasyncMicros: number;
  /** Of the last minute, before the first scenario. */
  readonly load: number;
}

export function describeMachine(folder: string): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()}`,
    node: process.version,
    fdatasyncMicros: Math.round(timeFdatasync(folder)),
    load: Number(loadavg()[0]?.toFixed(2)),
  };
}

/** The versions that are installed, of all that is compared. */
export function installedVersions(): Readonly<Record<string, string>> {
  const names = ["graphile-worker", "pg-boss", "pg", "@electric-sql/pglite"];
  return Object.fromEntries(names.map((name) => [name, versionOf(name)]));
}

function versionOf(name: string): string {
  const file = fileURLToPath(new URL(`../../node_modules/${name}/package.json`, import.meta.url));
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}

function timeFdatasync(folder: string): number {
  const file = openSync(join(folder, "fdatasync"), "w");
  const page = Buffer.alloc(8_192);
  const times = Array.from({ length: 200 }, () => {
    writeSync(file, page, 0, page.length, 0);
    const begin = performance.now();
    fdatasyncSync(file);
    return (performance.now() - begin) * 1_000;
  });
  closeSync(file);
  return median(times);
}
