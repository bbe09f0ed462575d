import type { Attributes } from "@opentelemetry/api";
import type { DeliveryFacts, EnqueueFacts, RunFacts } from "../telemetry.ts";

/**
 * What is told of each piece of work, by the semantic conventions of messaging where they have a name for it
 * (https://opentelemetry.io/docs/specs/semconv/messaging/).
 */
export const attributes = {
  enqueue: ({ count, type, queue }: EnqueueFacts): Attributes =>
    given({
      ...operation("send", "enqueue"),
      "messaging.destination.name": queue,
      "messaging.batch.message_count": count > 1 ? count : null,
      "task.type": type,
    }),
  process: ({ taskId, type, queue, attempt, workerId }: RunFacts): Attributes =>
    given({
      ...operation("process", "process"),
      ...kindOfTask({ type, queue }),
      "messaging.message.id": taskId,
      "messaging.client.id": workerId,
      "task.attempt": attempt,
    }),
  deliver: ({ deliveryId, taskId, attempt, ...more }: DeliveryFacts): Attributes =>
    given({
      ...operation("send", "deliver"),
      ...kindOfDelivery(more),
      "messaging.message.id": deliveryId,
      "delivery.attempt": attempt,
      "task.id": taskId,
    }),
};

/** What tells tasks apart in metrics. */
export function kindOfTask({
  type,
  queue,
}: {
  readonly type: string;
  readonly queue: string;
}): Record<string, string> {
  return { "messaging.system": SYSTEM, "messaging.destination.name": queue, "task.type": type };
}

/** What tells deliveries apart in metrics. */
export function kindOfDelivery({
  dispatchType,
  kind,
}: Pick<DeliveryFacts, "dispatchType" | "kind">): Record<string, string> {
  return { "delivery.dispatch_type": dispatchType, "delivery.kind": kind };
}

/** Without what is absent. */
export function given(all: Readonly<Record<string, string | number | null | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined));
}

const SYSTEM = "core_tasks";

function operation(type: string, name: string): Record<string, string> {
  return { "messaging.system": SYSTEM, "messaging.operation.type": type, "messaging.operation.name": name };
}
