import { claimDeliveries } from "../delivery/delivery-claim.ts";
import type { DeliveryRunDeps } from "../delivery/delivery-run.ts";
import { runDelivery } from "../delivery/delivery-run.ts";
import { readyTypesOf } from "../delivery/parking.ts";
import type { WorkerIdentity } from "../lease/lease.ts";
import type { Slots } from "./slots.ts";
import type { WorkerSettings } from "./worker-options.ts";

export interface DeliveryRoundOptions
  extends Omit<DeliveryRunDeps, "timeoutMs">, Pick<WorkerSettings, "deliveryTimeoutMs"> {
  readonly slots: Slots;
  readonly identity: () => WorkerIdentity;
  /** True when nothing more may be claimed. */
  readonly isLeaving: () => boolean;
}

/** Claims the deliveries that there is room for and starts them. Gives back how many those were. */
export function createDeliveryRound(options: DeliveryRoundOptions): () => Promise<number> {
  const { store, dispatchers, slots, identity, isLeaving } = options;

  return async () => {
    const ready = readyTypesOf(dispatchers);
    if (isLeaving() || slots.free === 0 || ready.length === 0) return 0;
    const claimed = await claimDeliveries(store, { worker: identity(), types: ready, limit: slots.free });
    const deps = { ...options, timeoutMs: options.deliveryTimeoutMs };
    for (const { row } of claimed) options.reporter.delivery(row, "sending");
    for (const one of claimed) slots.start(one.lease, (signal) => runDelivery(one, signal, deps));
    return claimed.length;
  };
}
