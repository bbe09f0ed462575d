import type { ProcessEntry, ProcessTable } from "./process-table.ts";
import { procTable } from "./process-table.ts";

/** Names the marks of all guards a process is under, separated by blanks: a guarded process may have a guard. */
export const OWNER_VARIABLE = "AGENT_INTEGRATIONS_OWNER";

const MARK_PREFIX = `${OWNER_VARIABLE}=`;

/**
 * The processes that carry an owner's mark in their environment, and all their descendants: some programs
 * overwrite their environment. Without this process, the first one, and other guards.
 */
export function markedProcesses(
  mark: string,
  table: ProcessTable = procTable,
  self: number = process.pid,
): readonly ProcessEntry[] {
  const entries = table.pids().flatMap((pid) => table.read(pid) ?? []);
  const children = Map.groupBy(entries, ({ parentPid }) => parentPid);
  const found = new Map<number, ProcessEntry>();
  const add = (entry: ProcessEntry): void => {
    const { pid, command } = entry;
    if (found.has(pid) || pid <= 1 || pid === self || isGuard(command)) return;
    found.set(pid, entry);
    for (const child of children.get(pid) ?? []) add(child);
  };
  for (const entry of entries) if (carries(table.environment(entry.pid), mark)) add(entry);
  return [...found.values()];
}

function carries(environment: readonly string[], mark: string): boolean {
  const owners = environment.find((variable) => variable.startsWith(MARK_PREFIX))?.slice(MARK_PREFIX.length);
  return mark !== "" && owners !== undefined && owners.split(" ").includes(mark);
}

function isGuard(command: readonly string[]): boolean {
  return command.some((word) => /(?:^|\/)orphan-guard-process\.[jt]s$/.test(word));
}
