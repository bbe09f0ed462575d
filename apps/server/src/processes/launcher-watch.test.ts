import { describe, expect, test, vi } from "vitest";
import { launcherChain, watchLaunchers } from "./launcher-watch.ts";
import type { ProcessEntry, ProcessTable } from "./process-table.ts";

describe("launcher watch", () => {
  test("npx pnpm start is watched up to npx, and the person's shell is not", () => {
    const table = tableOf(npxStart);
    expect(launcherChain(table, 50).map(({ pid }) => pid)).toEqual([50, 40, 30, 20]);
  });

  test("a package manager that node runs from a file is known too", () => {
    const table = tableOf([
      [50, 40, "node", "main.ts"],
      [40, 10, "/usr/bin/node", "/usr/lib/node_modules/npm/bin/npm-cli.js", "start"],
      [10, 1, "bash"],
    ]);
    expect(launcherChain(table, 50).map(({ pid }) => pid)).toEqual([50, 40]);
  });

  test.each([
    [
      "a shell",
      [
        [50, 10, "node", "main.ts"],
        [10, 1, "-bash"],
      ],
    ],
    [
      "a script of a shell",
      [
        [50, 10, "node", "main.ts"],
        [10, 1, "sh", "-c", "node main.ts"],
      ],
    ],
    [
      "node --watch",
      [
        [50, 45, "node", "main.ts"],
        [45, 40, "node", "--watch", "main.ts"],
        [40, 1, "pnpm", "dev"],
      ],
    ],
  ] as const)("nothing is watched when %s is the parent", (_name, rows) => {
    const { onGone, look } = watching(tableOf(rows));
    look();
    expect(onGone).not.toHaveBeenCalled();
    expect(launcherChain(tableOf(rows), 50)).toHaveLength(1);
  });

  test("it calls once when the first launcher is killed and the next one is given to another parent", () => {
    const table = tableOf(npxStart);
    const { onGone, look } = watching(table);
    look();
    expect(onGone).not.toHaveBeenCalled();
    table.entries.delete(20);
    table.set(30, 1, "sh", "-c", "pnpm start");
    look();
    look();
    expect(onGone).toHaveBeenCalledTimes(1);
  });

  test("a pid that was given to a new process does not count as the old one", () => {
    const table = tableOf(npxStart);
    const { onGone, look } = watching(table);
    table.entries.set(20, { pid: 20, parentPid: 10, startTime: "later", command: ["npm exec pnpm start"] });
    look();
    expect(onGone).toHaveBeenCalledTimes(1);
  });

  test("it lives on when only the person's shell ends", () => {
    const table = tableOf(npxStart);
    const { onGone, look } = watching(table);
    table.entries.delete(10);
    table.set(20, 1, "npm exec pnpm start");
    look();
    expect(onGone).not.toHaveBeenCalled();
  });
});

type Row = readonly [pid: number, parentPid: number, ...command: string[]];

const npxStart: readonly Row[] = [
  [50, 40, "node", "--conditions=@core/source", "apps/server/src/main.ts"],
  [40, 30, "/root/.npm/_npx/1a/node_modules/@pnpm/linux-x64/pnpm", "start"],
  [30, 20, "sh", "-c", "pnpm start"],
  [20, 10, "npm exec pnpm@12.16.1 start"],
  [10, 1, "bash", "-c", "npx pnpm start"],
];

interface FakeTable extends ProcessTable {
  readonly entries: Map<number, ProcessEntry>;
  set(...row: Row): void;
}

function tableOf(rows: readonly Row[]): FakeTable {
  const entries = new Map<number, ProcessEntry>();
  const set = (...[pid, parentPid, ...command]: Row): void =>
    void entries.set(pid, { pid, parentPid, startTime: String(pid), command });
  for (const row of rows) set(...row);
  return {
    entries,
    set,
    read: (pid) => entries.get(pid) ?? null,
    pids: () => [...entries.keys()],
    environment: () => [],
  };
}

function watching(table: ProcessTable): { onGone: ReturnType<typeof vi.fn>; look: () => void } {
  let next: (() => void) | null = null;
  const onGone = vi.fn<() => void>();
  const after = (_delayMs: number, callback: () => void): (() => void) => {
    next = callback;
    return () => undefined;
  };
  watchLaunchers({ onGone, table, pid: 50, after });
  const look = (): void => {
    const callback = next;
    next = null;
    callback?.();
  };
  return { onGone, look };
}
