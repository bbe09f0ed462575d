import { claimDeliveries } from "../delivery/delivery-claim.ts";
import type { DeliveryRunDeps } from "../delivery/delivery-run.ts";
import { runDelivery } from "../delivery/delivery-run.ts";
import type { WorkerIdentity } from "../lease/lease.ts";
import { readyTypesOf } from "../delivery/parking.ts";
import type { Slots } from "./slots.ts";
import { claimTasks } from "../task/task-claim.ts";
import type { RetryRule } from "../task/task-failure.ts";
import type { TaskRunDeps } from "../task/task-run.ts";
import { runTask } from "../task/task-run.ts";
import type { WorkerSettings } from "./worker-options.ts";

export interface RoundOptions
  extends
    TaskRunDeps,
    Omit<DeliveryRunDeps, "timeoutMs">,
    Pick<WorkerSettings, "handlers" | "queues" | "deliveryTimeoutMs"> {
  readonly taskSlots: Slots;
  readonly deliverySlots: Slots;
  readonly ruleOf: (type: string) => RetryRule;
  readonly identity: () => WorkerIdentity;
  /** True when nothing more may be claimed. */
  readonly isLeaving: () => boolean;
}

/** One round of a worker: claims what there is room for and starts it. Gives back how many pieces of work that were. */
export function createRound(options: RoundOptions): () => Promise<number> {
  const { store, dispatchers, handlers, queues, taskSlots, deliverySlots, identity, isLeaving } = options;
  const types = Object.keys(handlers);

  return async () => (await startTasks()) + (await startDeliveries());

  async function startTasks(): Promise<number> {
    if (isLeaving() || taskSlots.free === 0 || types.length === 0) return 0;
    const claimed = await claimTasks(store, { worker: identity(), types, queues, limit: taskSlots.free });
    for (const one of claimed) {
      const { type } = one.task;
      const handler = handlers[type];
      if (handler === undefined) continue;
      taskSlots.start(one.lease, (signal) => runTask(one, handler, options.ruleOf(type), signal, options));
    }
    return claimed.length;
  }

  async function startDeliveries(): Promise<number> {
    const ready = readyTypesOf(dispatchers);
    if (isLeaving() || deliverySlots.free === 0 || ready.length === 0) return 0;
    const limit = deliverySlots.free;
    const claimed = await claimDeliveries(store, { worker: identity(), types: ready, limit });
    const deps = { ...options, timeoutMs: options.deliveryTimeoutMs };
    for (const one of claimed) deliverySlots.start(one.lease, (signal) => runDelivery(one, signal, deps));
    return claimed.length;
  }
}
