import type { BatchObservableCallback, Meter } from "@opentelemetry/api";
import type { QueueDepth } from "../../task/task-stats.ts";
import type {
  DeliveryEnd,
  DeliveryFacts,
  EnqueueEnd,
  LeaseFacts,
  RunEnd,
  RunFacts,
  Telemetry,
} from "../telemetry.ts";
import { kindOfDelivery, kindOfTask } from "./attributes.ts";
import type { Instruments } from "./instruments.ts";
import { createInstruments } from "./instruments.ts";

/** Counts and measures what the queue does. */
export interface Measures extends Pick<Telemetry, "watchQueues"> {
  enqueued(end: EnqueueEnd): void;
  pickedUp(run: RunFacts): void;
  processed(run: RunFacts, end: RunEnd): void;
  delivered(attempt: DeliveryFacts, end: DeliveryEnd): void;
  leaseLost(run: LeaseFacts): void;
  recovered(run: LeaseFacts): void;
}

/** The meter is asked for when it is first needed, since one that was given before the SDK was registered stays empty. */
export function createMeasures(getMeter: () => Meter): Measures {
  let made: Instruments | undefined;
  const instruments = (): Instruments => (made ??= createInstruments(getMeter()));

  return {
    enqueued({ created }) {
      for (const task of created) instruments().sent.add(1, kindOfTask(task));
    },
    pickedUp(run) {
      instruments().pickUp.record(run.pickUpMs / 1_000, kindOfTask(run));
    },
    processed(run, { outcome, tookMs }) {
      instruments().process.record(tookMs / 1_000, { ...kindOfTask(run), "task.outcome": outcome });
    },
    delivered(attempt, { outcome, tookMs }) {
      const about = { ...kindOfDelivery(attempt), "delivery.outcome": outcome };
      instruments().attempts.add(1, about);
      instruments().delivery.record(tookMs / 1_000, about);
    },
    leaseLost: (run) => instruments().leasesLost.add(1, kindOfTask(run)),
    recovered: (run) => instruments().recovered.add(1, kindOfTask(run)),
    watchQueues(read) {
      const { meter, depth, oldestDue } = instruments();
      const tell: BatchObservableCallback = async (observer) => {
        for (const queue of await read()) {
          const about = kindOfTask(queue);
          for (const state of standings)
            observer.observe(depth, queue[state], { ...about, "task.state": state });
          observer.observe(oldestDue, (queue.oldest_due_ms ?? 0) / 1_000, about);
        }
      };
      meter.addBatchObservableCallback(tell, [depth, oldestDue]);
      return () => meter.removeBatchObservableCallback(tell, [depth, oldestDue]);
    },
  };
}

const standings = [
  "due",
  "planned",
  "in_lane",
  "limited",
  "running",
  "waiting",
] as const satisfies readonly (keyof QueueDepth)[];
