import type { QueueStats, TaskTypeStats, WorkerRecord } from "@core/tasks";
import { shownDuration } from "./moments.ts";
import type { Column } from "./table.ts";
import { tableLines } from "./table.ts";
import type { Terminal } from "./terminal.ts";

type ShownStats = Pick<QueueStats, "tasks" | "deliveries" | "workers">;

/** The figures of the queue for people. */
export function statsLines(stats: ShownStats, { style }: Pick<Terminal, "style">): readonly string[] {
  const whole = { width: null, style };
  return [
    ...tableLines(taskColumns, stats.tasks, whole),
    "",
    deliveriesLine(stats.deliveries),
    "",
    ...tableLines(workerColumns, stats.workers, whole),
  ];
}

const taskColumns: readonly Column<TaskTypeStats>[] = [
  { title: "QUEUE", cell: ({ queue }) => queue },
  { title: "TYPE", cell: ({ type }) => type },
  { title: "DUE", cell: ({ due }) => due },
  { title: "OLDEST", cell: ({ oldest_due_ms: ms }) => (ms === null ? null : shownDuration(ms)) },
  { title: "PLANNED", cell: ({ planned }) => planned },
  { title: "IN LANE", cell: ({ in_lane: inLane }) => inLane },
  { title: "LIMITED", cell: ({ limited }) => limited },
  { title: "RUNNING", cell: ({ running }) => running },
  { title: "WAITING", cell: ({ waiting }) => waiting },
  { title: "IN THE LAST HOUR", cell: ({ ended_last_hour: ended }) => countsOf(ended) || null },
];

const workerColumns: readonly Column<WorkerRecord>[] = [
  { title: "WORKER", cell: ({ id }) => id },
  { title: "HOST", cell: ({ host }) => host },
  { title: "PID", cell: ({ pid }) => String(pid) },
  { title: "ALIVE", cell: ({ alive }) => (alive ? "yes" : "no") },
  { title: "RUNNING", cell: ({ running }) => running },
  { title: "TASKS", cell: ({ task_types: types }) => types.join(", ") || null },
  { title: "DELIVERIES", cell: ({ dispatch_types: types }) => types.join(", ") || null },
];

function deliveriesLine(deliveries: QueueStats["deliveries"]): string {
  return `Deliveries: ${countsOf(deliveries) || "none waits"}.`;
}

function countsOf(counts: object): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}
