export { createTasks } from "./tasks.ts";
export type { EnqueueOptions, Tasks, TasksOptions } from "./tasks.ts";
export type { Worker } from "./worker.ts";
export type { WorkerOptions } from "./worker-options.ts";
export type { TaskHandler, TaskRunContext } from "./task-run.ts";
export type { Settled } from "./task-settlement.ts";
export { agentHandler } from "./agent-handler.ts";
export type { AgentHandlerOptions } from "./agent-handler.ts";
export { taskStates } from "./task.ts";
export type {
  EnqueueReceipt,
  FailureCode,
  Task,
  TaskError,
  TaskFilter,
  TaskInput,
  TaskReason,
  TaskState,
  TaskWithDeliveries,
} from "./task.ts";
export type { Page, PageRequest } from "./page.ts";
export type { TaskTypeOptions } from "./task-input.ts";
export { deliveryStates } from "./delivery-record.ts";
export type {
  DeliveryFailure,
  DeliveryFilter,
  DeliveryRecord,
  DeliveryState,
  ParkReason,
} from "./delivery-record.ts";
export type { ResolveTarget } from "./dispatch-plan.ts";
export type { ResolveBot } from "./delivery-run.ts";
export { NonRetryable, RetryAfter } from "./task-failure.ts";
export type { RetryRule } from "./task-failure.ts";
export { retryDelayMs, retryPolicies } from "./retry-policy.ts";
export type { RetryPolicy, RetryPolicyName } from "./retry-policy.ts";
export { DEFAULT_SCHEMA, tasksMigrations } from "./migrations.ts";
export { TasksError } from "./errors.ts";
export type { TasksErrorCode } from "./errors.ts";
