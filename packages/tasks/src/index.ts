export { createTasks } from "./create-tasks.ts";
export type { Tasks, TasksOptions } from "./tasks.ts";
export type { Worker } from "./worker/worker.ts";
export type { WorkerOptions } from "./worker/worker-options.ts";
export type { TaskHandler, TaskRunContext } from "./task/task-run.ts";
export type { Settled } from "./task/task-end.ts";
export type { WorkerStats } from "./worker/worker-stats.ts";
export { LeaseLost } from "./lease/lease.ts";
export type { OwnTransaction, PgClient } from "./store/sql-runner.ts";
export { agentHandler } from "./task/agent-handler.ts";
export type { AgentHandlerOptions } from "./task/agent-handler.ts";
export type { RedriveFilter, RedriveOptions } from "./task/retry.ts";
export { failureCodes, taskReasons, taskStates } from "./task/task.ts";
export type {
  CancelAnswer,
  Dedupe,
  EnqueueReceipt,
  FailureCode,
  RetryAnswer,
  Task,
  TaskError,
  TaskFilter,
  TaskInput,
  TaskReason,
  TaskState,
  TaskSummary,
  TaskWithDeliveries,
  TraceContext,
} from "./task/task.ts";
export type {
  Limit,
  LimitInput,
  LimitScope,
  LimitStrategy,
  LimitTarget,
  Pause,
  Rate,
} from "./limit/limit.ts";
export type { Limits } from "./limit/limits.ts";
export type { Pauses } from "./limit/pauses.ts";
export { missedPolicies } from "./schedule/schedule.ts";
export type {
  MissedPolicy,
  PreviewOptions,
  Schedule,
  ScheduleChanges,
  ScheduleFilter,
  ScheduleInput,
  ScheduleReceipt,
  ScheduleRule,
  TaskTemplate,
} from "./schedule/schedule.ts";
export type { Schedules } from "./schedule/schedules.ts";
export type { Page, PageRequest } from "./store/page.ts";
export type { TaskTypeOptions } from "./task/task-type.ts";
export type {
  EndedCounts,
  LiveDeliveryState,
  QueueDepth,
  QueueStats,
  TaskTypeStats,
  WorkerRecord,
} from "./task/task-stats.ts";
export type { PruneRequest } from "./retention/prune.ts";
export { endedStates } from "./retention/retention.ts";
export type { EndedState, KeepRule, Retention } from "./retention/retention.ts";
export type { DiagnosticAttributes, Diagnostics } from "./telemetry/diagnostics.ts";
export type {
  DeliveryEnd,
  DeliveryFacts,
  EnqueueEnd,
  EnqueueFacts,
  LeaseFacts,
  Observation,
  RunEnd,
  RunFacts,
  RunOutcomeName,
  Telemetry,
} from "./telemetry/telemetry.ts";
export type { Deliveries } from "./delivery/deliveries.ts";
export type {
  DeliveryRetryAnswer,
  DeliveryRetryFilter,
  DeliveryRetryOptions,
} from "./delivery/delivery-decisions.ts";
export type { DeliveryInput, DeliveryMessage, DeliveryTarget } from "./delivery/delivery-input.ts";
export type { DeliveryPruneOptions } from "./delivery/delivery-pruning.ts";
export type { DeliveryReceipt } from "./delivery/delivery-sender.ts";
export { deliveryStates } from "./delivery/delivery-record.ts";
export type {
  DeliveryFailure,
  DeliveryFilter,
  DeliveryRecord,
  DeliverySelection,
  DeliveryState,
  ParkReason,
} from "./delivery/delivery-record.ts";
export type { ResolveTimeout } from "./task/task-maker.ts";
export type { ResolveTarget } from "./task/dispatch-plan.ts";
export type { ResolveBot } from "./delivery/delivery-run.ts";
export type { ResolveFileLink } from "./delivery/unsupported-files.ts";
export type { EndOfTask, FollowUps } from "./task/tasks-of-end.ts";
export { AwaitChildren, NonRetryable, RetryAfter, Snooze } from "./task/task-failure.ts";
export type { RetryRule } from "./task/task-failure.ts";
export { exponentialDelays, retryDelayMs, retryPolicies } from "./retry-policy.ts";
export type { RetryPolicy, RetryPolicyName } from "./retry-policy.ts";
export { DEFAULT_SCHEMA, tasksMigrations } from "./store/migrations.ts";
export { feedEventTypes } from "./watch/task-event.ts";
export type {
  DeliveryEvent,
  FeedEvent,
  FeedEventType,
  GapEvent,
  TaskEvent,
  TaskFact,
  TaskLogLine,
  TaskNotes,
  TaskProgress,
} from "./watch/task-event.ts";
export type { TaskEvents } from "./watch/event-feed.ts";
export type { ResultOptions } from "./watch/task-result.ts";
export type { WatchEvent, WatchOptions } from "./watch/watch-task.ts";
export type { Watching } from "./watch/watching.ts";
export { TasksError } from "./errors.ts";
export type { TasksErrorCode } from "./errors.ts";
