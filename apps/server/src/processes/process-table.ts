import { readdirSync, readFileSync } from "node:fs";

/** What the kernel tells of one process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** Clock ticks since boot: with the pid it names a process for good. */
  readonly startTime: string;
  readonly command: readonly string[];
}

/** The processes of this machine; handed in, so that tests need none. */
export interface ProcessTable {
  /** Null when there is no such process, or it has ended and waits to be collected. */
  read(pid: number): ProcessEntry | null;
  pids(): readonly number[];
  /** The environment a process was started with; empty when it may not be read. */
  environment(pid: number): readonly string[];
}

/** Reads /proc, which Linux has; elsewhere there is nothing to read. */
export const procTable: ProcessTable = {
  read: (pid) => parseStat(pid, readText(`/proc/${pid}/stat`), splitNul(readText(`/proc/${pid}/cmdline`))),
  pids() {
    try {
      return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
    } catch {
      return [];
    }
  },
  environment: (pid) => splitNul(readText(`/proc/${pid}/environ`)),
};

/** Reads a line of /proc/<pid>/stat. The name in its second field may hold blanks and parentheses. */
export function parseStat(pid: number, stat: string, command: readonly string[]): ProcessEntry | null {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parentPid] = fields;
  const startTime = fields[19];
  if (startTime === undefined || state === "Z" || state === "X") return null;
  return { pid, parentPid: Number(parentPid), startTime, command };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function splitNul(text: string): readonly string[] {
  return text.split("\0").filter((part) => part !== "");
}
