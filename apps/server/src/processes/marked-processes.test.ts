import { describe, expect, test } from "vitest";
import { markedProcesses } from "./marked-processes.ts";
import type { ProcessTable } from "./process-table.ts";

describe("marked processes", () => {
  test("are those with the mark and all their descendants, but no guard and not the first process", () => {
    const table = tableOf([
      [1, 0, "init", "AGENT_INTEGRATIONS_OWNER=mine"],
      [10, 1, "server", "AGENT_INTEGRATIONS_OWNER=outer mine"],
      [11, 10, "postgres", ""],
      [12, 11, "postgres", ""],
      [13, 10, "/x/orphan-guard-process.ts", "AGENT_INTEGRATIONS_OWNER=mine"],
      [20, 1, "stranger", "AGENT_INTEGRATIONS_OWNER=minefield"],
      [21, 1, "bystander", "PATH=mine"],
      [99, 1, "self", "AGENT_INTEGRATIONS_OWNER=mine"],
    ]);
    expect(markedProcesses("mine", table, 99).map(({ pid }) => pid)).toEqual([10, 11, 12]);
  });

  test("an empty mark is nobody's", () => {
    expect(markedProcesses("", tableOf([[10, 1, "x", "AGENT_INTEGRATIONS_OWNER="]]), 99)).toEqual([]);
  });
});

function tableOf(
  rows: readonly (readonly [pid: number, parentPid: number, command: string, variable: string])[],
): ProcessTable {
  const find = (pid: number): (typeof rows)[number] | undefined => rows.find((row) => row[0] === pid);
  return {
    pids: () => rows.map(([pid]) => pid),
    environment: (pid) => ["PATH=/bin", find(pid)?.[3] ?? ""],
    read(pid) {
      const row = find(pid);
      return row === undefined ? null : { pid, parentPid: row[1], startTime: "1", command: ["node", row[2]] };
    },
  };
}
