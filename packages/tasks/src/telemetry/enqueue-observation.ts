import type { EnqueueReceipt, TaskInput } from "../task/task.ts";
import { failureOf } from "../task/task-failure.ts";
import { AGENT_TYPE } from "../task/task-type.ts";
import type { EnqueueFacts, Telemetry } from "./telemetry.ts";

/** Stores tasks under the eyes of telemetry. They carry its trace on, but for those that carry one of their own. */
export async function observeEnqueue<Stored extends EnqueueReceipt | readonly EnqueueReceipt[]>(
  telemetry: Telemetry,
  inputs: readonly TaskInput[],
  store: (inputs: readonly TaskInput[]) => Promise<Stored>,
): Promise<Stored> {
  const { traceContext, within, end } = telemetry.enqueue(factsOf(inputs));
  const carry = (input: TaskInput): TaskInput =>
    traceContext === null || input.trace_context !== undefined
      ? input
      : { ...input, trace_context: traceContext };
  try {
    const stored = await within(() => store(inputs.map(carry)));
    const receipts = [stored].flat();
    const created = receipts.filter((receipt) => receipt.created).map(({ task }) => task);
    end({ created, taskIds: receipts.map(({ task }) => task.id), errorType: null });
    return stored;
  } catch (error) {
    end({ created: [], taskIds: [], errorType: failureOf(error, "any").code, error });
    throw error;
  }
}

function factsOf(inputs: readonly TaskInput[]): EnqueueFacts {
  const types = inputs.map(({ type = AGENT_TYPE }) => type);
  const queues = inputs.map(({ queue = "default" }) => queue);
  return { count: inputs.length, type: theOnly(types), queue: theOnly(queues) };
}

function theOnly(names: readonly string[]): string | null {
  const [first, ...others] = new Set(names);
  return first === undefined || others.length > 0 ? null : first;
}
