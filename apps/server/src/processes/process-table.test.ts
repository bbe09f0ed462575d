import { describe, expect, test } from "vitest";
import { parseStat, procTable } from "./process-table.ts";

describe("process table", () => {
  test("a name with blanks and parentheses does not shift the fields", () => {
    const stat = `7 (a) b (c) S 3 ${Array.from({ length: 17 }, () => "0").join(" ")} 4242 0 0`;
    expect(parseStat(7, stat, ["a"])).toEqual({ pid: 7, parentPid: 3, startTime: "4242", command: ["a"] });
  });

  test("a process that waits to be collected is none", () => {
    expect(parseStat(7, `7 (a) Z 3 ${Array.from({ length: 40 }, () => "0").join(" ")}`, [])).toBeNull();
  });

  test.runIf(process.platform === "linux")("this process is in it", () => {
    expect(procTable.read(process.pid)).toMatchObject({ pid: process.pid, parentPid: process.ppid });
    expect(procTable.pids()).toContain(process.pid);
    expect(procTable.environment(process.pid).length).toBeGreaterThan(0);
  });

  test("a pid that nobody has is null", () => {
    expect(procTable.read(2 ** 30)).toBeNull();
  });
});
