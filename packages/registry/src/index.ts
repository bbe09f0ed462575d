export { isIntegrationError, IntegrationError } from "./errors.ts";
export type { IntegrationErrorOptions, RegistryErrorCode } from "./errors.ts";
export { systemClock } from "./clock.ts";
export type { Clock } from "./clock.ts";
export { silentLogger } from "./logger.ts";
export type { LogFields, Logger } from "./logger.ts";
export type { JsonObject, JsonValue } from "./json.ts";
export { fieldIssue, fieldIssues } from "./standard-schema.ts";
export type { FieldIssue, SchemaIssue, SchemaResult, StandardSchema } from "./standard-schema.ts";
export { textResult } from "./task-result.ts";
export type { ClientAction, FileLink, FileRef, TaskResult, TokenUsage } from "./task-result.ts";
export type { Bot } from "./bot.ts";
export { ambiguous, delivered, misconfigured, permanent, retryable, skipped } from "./delivery.ts";
export type {
  Delivery,
  DeliveryKind,
  DeliveryOutcome,
  DeliveryPayloads,
  FailedDelivery,
  Origin,
  ReceiverAnswer,
  SentPart,
} from "./delivery.ts";
export { neverSent } from "./never-sent.ts";
export { streamingMode } from "./dispatcher.ts";
export type {
  Capabilities,
  Deliverer,
  DeliveryContext,
  Dispatcher,
  DispatcherDeclaration,
  GrowingDelivery,
  Reconciliation,
  StreamSink,
} from "./dispatcher.ts";
export type { ExecutionConfig } from "./execution-config.ts";
export { noneDispatcher } from "./none-dispatcher.ts";
export type { AgentEvent, AgentInput, AgentRunner, AgentRunOptions, ToolCall } from "./agent-runner.ts";
export type {
  AnyHookListener,
  Gate,
  GateDecision,
  GateHook,
  GateVerdict,
  HookCall,
  HookContext,
  HookData,
  HookEvents,
  HookListener,
  HookListeners,
  HookName,
  Observe,
  ObserveHook,
  Waterfall,
  WaterfallHook,
} from "./hook-events.ts";
export { createHooks } from "./hooks.ts";
export type { HookOptions, HookReport, Hooks, HooksOptions } from "./hooks.ts";
export { createDispatcherRegistry } from "./dispatcher-registry.ts";
export type { DispatcherEntry, DispatcherOptions, DispatcherRegistry } from "./dispatcher-registry.ts";
export { parseTarget, readStoredTarget } from "./dispatch-target.ts";
export type { TargetResult } from "./dispatch-target.ts";
export { secretIssues } from "./secret-fields.ts";
export type * from "./integration-context.ts";
export { API_VERSION } from "./api-version.ts";
export { defineIntegration } from "./integration.ts";
export type {
  ChannelRef,
  EnvironmentSpec,
  HookSubscription,
  Integration,
  IntegrationHealth,
  IntegrationInstance,
  IntegrationMetadata,
  IntegrationSpec,
} from "./integration.ts";
export type { IntegrationQueries, ResolvedDispatch } from "./integration-queries.ts";
export { createRegistry } from "./registry.ts";
export type { Registry, RegistryOptions } from "./registry.ts";
export { isTypeName } from "./type-name.ts";
