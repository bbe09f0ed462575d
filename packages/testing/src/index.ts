export { createManualClock } from "./fakes/manual-clock.ts";
export type { ManualClock } from "./fakes/manual-clock.ts";
export { createRecordingLogger } from "./fakes/recording-logger.ts";
export type { LogEntry, RecordingLogger } from "./fakes/recording-logger.ts";
export { createFakeContext } from "./fakes/fake-context.ts";
export type { FakeContext, FakeContextOptions } from "./fakes/fake-context.ts";
export { createFakeHost } from "./fakes/fake-host.ts";
export type { FakeHost } from "./fakes/fake-host.ts";
export { createFakeFiles } from "./fakes/fake-files.ts";
export type { FakeFiles } from "./fakes/fake-files.ts";
export { dispatcherOf } from "./fakes/integration-dispatcher.ts";
export { deliveryOf } from "./fakes/delivery-factory.ts";
export type { DeliveryDetails } from "./fakes/delivery-factory.ts";
export { createDeliveryContext } from "./fakes/delivery-context.ts";
export type { FakeDeliveryContext } from "./fakes/delivery-context.ts";
export { deliverUntilSettled } from "./outbox/deliver-until-settled.ts";
export type { DeliverOptions } from "./outbox/deliver-until-settled.ts";
export type { SettledDelivery } from "./outbox/outbox-delivery.ts";
export type { AttemptRecord } from "./outbox/attempt.ts";
export { createFaultProxy } from "./faults/fault-proxy.ts";
export type { FaultProxy, FaultProxyOptions, RequestLine } from "./faults/fault-proxy.ts";
export type { Fault, FaultPlan, InjectedFault } from "./faults/fault-plan.ts";
export { dispatcherContract } from "./contract/dispatcher-contract.ts";
export { ContractViolation } from "./contract/contract-check.ts";
export type { ContractCheck, Finding } from "./contract/contract-check.ts";
export type {
  DispatcherHarness,
  DispatcherSubject,
  HarnessTools,
  ReceivedMessage,
  Receiver,
} from "./contract/dispatcher-subject.ts";
export { numberedText } from "./contract/long-text.ts";
