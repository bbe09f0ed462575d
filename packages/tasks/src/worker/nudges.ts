import type { DispatcherRegistry } from "@core/registry";
import type { EnqueueReceipt } from "../task/task.ts";
import type { Announcer } from "./announcer.ts";
import type { LocalWorkers } from "./local-workers.ts";

/** Has those look who may have something to do: the workers of this process at once, others by a notification. */
export interface Nudges {
  readonly forTasks: () => void;
  readonly forNewTasks: (receipts: readonly EnqueueReceipt[]) => void;
  readonly forSchedules: () => void;
  readonly forDeliveries: () => void;
  /** Others are told only of what nobody here can send. */
  readonly forDeliveryOf: (dispatchType: string) => void;
  readonly forCancelled: () => void;
}

export interface NudgesOptions {
  readonly workers: LocalWorkers;
  readonly announcer: Announcer;
  readonly dispatchers: DispatcherRegistry;
}

export function createNudges({ workers, announcer, dispatchers }: NudgesOptions): Nudges {
  return {
    forTasks() {
      workers.nudge();
      announcer.announce();
    },
    forNewTasks(receipts) {
      workers.nudgeFor(receipts);
      announcer.announce();
    },
    forSchedules() {
      workers.checkSchedules();
      announcer.announceSchedules();
    },
    forDeliveries() {
      workers.lookForDeliveries();
      announcer.announceDeliveries();
    },
    forDeliveryOf(dispatchType) {
      const isOurs = workers.lookForDeliveries() && dispatchers.isReady(dispatchType);
      if (!isOurs) announcer.announceDeliveries();
    },
    forCancelled() {
      workers.checkCancelled();
      announcer.announceCancel();
    },
  };
}
