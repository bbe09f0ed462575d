import type { Logger } from "@core/registry";
import type { Settled, SettledListener } from "../task/task-end.ts";
import type { Task } from "../task/task.ts";
import { leaseFacts } from "../telemetry/lease-facts.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { TaskReporter } from "../watch/task-reporter.ts";
import type { WorkerOptions } from "./worker-options.ts";
import type { WorkerStatsCounter } from "./worker-stats.ts";

export interface SettledReportOptions {
  readonly stats: WorkerStatsCounter;
  readonly logger: Logger;
  readonly telemetry: Telemetry | null;
  readonly reporter: Pick<TaskReporter, "settled">;
  readonly onTaskSettled: WorkerOptions["onTaskSettled"];
  /** A task has come to its end. */
  readonly onTaskEnded: (task: Task, status: "complete" | "failed") => void;
}

/** Counts how runs have ended and tells those who asked; what they throw is logged. */
export function createSettledReport(options: SettledReportOptions): SettledListener {
  const { stats, logger, telemetry, reporter, onTaskSettled, onTaskEnded } = options;

  return (claimed, settled, end) => {
    const { task } = claimed;
    stats.settled(settled);
    if (settled === null) {
      const about = { code: "LEASE_LOST", task_id: task.id, attempt: task.attempt };
      telemetry?.leaseLost(leaseFacts(task));
      logger.warn(about, "The run's outcome was dropped: its lease is lost.");
      return;
    }
    reporter.settled(claimed, settled, end);
    if (settled === "complete" || settled === "failed") onTaskEnded(task, settled);
    if (onTaskSettled !== undefined) void tell(onTaskSettled, task, settled);
  };

  async function tell(
    told: NonNullable<typeof onTaskSettled>,
    task: Task,
    settled: Exclude<Settled, null>,
  ): Promise<void> {
    try {
      await told(task, settled);
    } catch (error) {
      logger.error({ err: error, task_id: task.id }, "onTaskSettled failed.");
    }
  }
}
