export { createTasks } from "./tasks.ts";
export type { EnqueueOptions, Tasks, TasksOptions } from "./tasks.ts";
export type { Worker } from "./worker/worker.ts";
export type { WorkerOptions } from "./worker/worker-options.ts";
export type { TaskHandler, TaskRunContext } from "./task/task-run.ts";
export type { Settled } from "./task/task-settlement.ts";
export { agentHandler } from "./task/agent-handler.ts";
export type { AgentHandlerOptions } from "./task/agent-handler.ts";
export { taskStates } from "./task/task.ts";
export type {
  EnqueueReceipt,
  FailureCode,
  Task,
  TaskError,
  TaskFilter,
  TaskInput,
  TaskReason,
  TaskState,
  TaskSummary,
  TaskWithDeliveries,
} from "./task/task.ts";
export type { Page, PageRequest } from "./store/page.ts";
export type { TaskTypeOptions } from "./task/task-type.ts";
export { deliveryStates } from "./delivery/delivery-record.ts";
export type {
  DeliveryFailure,
  DeliveryFilter,
  DeliveryRecord,
  DeliveryState,
  ParkReason,
} from "./delivery/delivery-record.ts";
export type { ResolveTarget } from "./task/dispatch-plan.ts";
export type { ResolveBot } from "./delivery/delivery-run.ts";
export type { ResolveFileLink } from "./delivery/unsupported-files.ts";
export { NonRetryable, RetryAfter } from "./task/task-failure.ts";
export type { RetryRule } from "./task/task-failure.ts";
export { retryDelayMs, retryPolicies } from "./retry-policy.ts";
export type { RetryPolicy, RetryPolicyName } from "./retry-policy.ts";
export { DEFAULT_SCHEMA, tasksMigrations } from "./store/migrations.ts";
export { TasksError } from "./errors.ts";
export type { TasksErrorCode } from "./errors.ts";
