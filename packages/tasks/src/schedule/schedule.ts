import type { PageRequest } from "../store/page.ts";
import type { TaskInput } from "../task/task.ts";

/**
 * What becomes of occurrences that are more than a minute overdue when a worker comes to them. `run_once` (default):
 * one task stands for all that are due. `skip`: they get none. `run_all`: each gets its own, the newest `max_missed`.
 */
export type MissedPolicy = "skip" | "run_once" | "run_all";

export const missedPolicies: readonly MissedPolicy[] = ["skip", "run_once", "run_all"];

/** What each occurrence makes: the schedule itself says when, and why. */
export type TaskTemplate = Omit<TaskInput, "scheduled_at" | "delay_ms" | "idempotency_key" | "reason">;

/** When a schedule makes tasks: exactly one of `every` and `cron`. */
export interface ScheduleRule {
  /** `+30m`: a number of s, m, h, d or w. A day is 24 hours: for a time of day use `cron`. */
  readonly every?: string;
  /** Minute, hour, day, month and weekday, or six fields with the second in front. */
  readonly cron?: string;
  /** Of `cron`, such as `Europe/Berlin`. Default `UTC`. */
  readonly timezone?: string;
  /**
   * Nothing before it; an interval counts from it, and it is the first occurrence. What lies before the creation is
   * not made up for. Omitted: an interval begins one interval after the creation, `cron` with its next match.
   */
  readonly starts_at?: Date;
  /** Nothing after it. */
  readonly ends_at?: Date;
}

export interface ScheduleInput extends ScheduleRule {
  /** Unique: a name that exists gives its schedule back, if that says the same. */
  readonly name?: string;
  readonly missed?: MissedPolicy;
  /** Of `run_all`: 1 to 1,000, default 100. */
  readonly max_missed?: number;
  readonly task: TaskTemplate;
}

/** What is to be different; null takes a field away. `every` replaces `cron`, and the other way round. */
export type ScheduleChanges = {
  readonly [Field in keyof ScheduleInput]?:
    | ScheduleInput[Field]
    | (Field extends "name" | "timezone" | "starts_at" | "ends_at" ? null : never);
};

/** A rule that makes tasks, as it is read. */
export interface Schedule {
  readonly id: string;
  readonly name: string | null;
  readonly every: string | null;
  readonly cron: string | null;
  /** Null for an interval. */
  readonly timezone: string | null;
  readonly starts_at: Date | null;
  readonly ends_at: Date | null;
  readonly missed: MissedPolicy;
  readonly max_missed: number;
  readonly task: TaskTemplate;
  /** Null while it is paused, and when nothing comes any more. */
  readonly next_at: Date | null;
  /** The last occurrence that a worker has come to and that was not skipped. */
  readonly last_at: Date | null;
  readonly last_task_id: string | null;
  /** Tasks that it has made. */
  readonly run_count: number;
  /** Occurrences whose task could not be made. */
  readonly failed_count: number;
  /** Why the task of the last occurrence could not be made; null when it was made. */
  readonly last_error: string | null;
  readonly paused_at: Date | null;
  readonly created_at: Date;
}

/** The same with what is nobody else's business. */
export interface ScheduleRow extends Schedule {
  /** What an interval counts from: `starts_at`, or when the interval was given. */
  readonly anchor_at: Date;
}

export interface ScheduleReceipt {
  readonly schedule: Schedule;
  /** False when the name belonged to this schedule already. */
  readonly created: boolean;
}

export type ScheduleFilter = PageRequest;

export interface PreviewOptions {
  /** How many times, 1 to 100. Default 10. */
  readonly count?: number;
  /** The times after this one. Default now. */
  readonly from?: Date;
}
