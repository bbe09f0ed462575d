import type { Counter, Histogram, Meter, Observable } from "@opentelemetry/api";

export interface Instruments {
  readonly meter: Meter;
  readonly sent: Counter;
  readonly pickUp: Histogram;
  readonly process: Histogram;
  readonly attempts: Counter;
  readonly delivery: Histogram;
  readonly leasesLost: Counter;
  readonly recovered: Counter;
  readonly depth: Observable;
  readonly oldestDue: Observable;
}

/** Those with names of the semantic conventions for messaging, and our own. Durations are in seconds. */
export function createInstruments(meter: Meter): Instruments {
  const counter = (name: string, unit: string, description: string): Counter =>
    meter.createCounter(name, { unit, description });
  const duration = (name: string, description: string): Histogram =>
    meter.createHistogram(name, { unit: "s", description, advice: { explicitBucketBoundaries } });
  const gauge = (name: string, unit: string, description: string): Observable =>
    meter.createObservableGauge(name, { unit, description });

  return {
    meter,
    sent: counter("messaging.client.sent.messages", "{message}", "Tasks that were stored."),
    pickUp: duration("task.pick_up.duration", "From a task's turn to the start of its run."),
    process: duration("messaging.process.duration", "Runs of tasks, by outcome."),
    attempts: counter("delivery.attempts", "{attempt}", "Attempts at deliveries, by outcome."),
    delivery: duration("delivery.attempt.duration", "Attempts at deliveries, by outcome."),
    leasesLost: counter("task.leases_lost", "{run}", "Runs whose end was dropped."),
    recovered: counter("task.recovered", "{run}", "Runs that were taken back from dead workers."),
    depth: gauge("task.queue.depth", "{task}", "Live tasks, by what they wait for."),
    oldestDue: gauge("task.queue.oldest_due", "s", "How long the oldest due task has been due."),
  };
}

/** From a quick job to the longest that an agent runs by default. */
const explicitBucketBoundaries = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_200,
];
