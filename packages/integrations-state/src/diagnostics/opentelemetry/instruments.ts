import type { Counter, Histogram, Meter } from "@opentelemetry/api";
import type { DiagnosticMetric } from "../diagnostic-hooks.ts";

export interface Instruments {
  record(metric: DiagnosticMetric): void;
}

/**
 * Makes an instrument for each name when it is first told. The meter is asked for then, since one that was given before
 * the SDK was registered stays empty.
 */
export function createInstruments(getMeter: () => Meter): Instruments {
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();

  return {
    record({ name, value, attributes }) {
      const duration = durationName(name);
      if (duration === null) made(counters, name, counter).add(value, attributes);
      else made(histograms, duration, histogram).record(value / 1_000, attributes);
    },
  };

  function counter(name: string): Counter {
    return getMeter().createCounter(name);
  }

  function histogram(name: string): Histogram {
    return getMeter().createHistogram(name, { unit: "s", advice: { explicitBucketBoundaries } });
  }
}

/** Null for what counts: `integrations.webhook.emit_ms` is `integrations.webhook.emit.duration`. */
function durationName(name: string): string | null {
  return name.endsWith("_ms") ? `${name.slice(0, -"_ms".length)}.duration` : null;
}

function made<Instrument>(
  known: Map<string, Instrument>,
  name: string,
  make: (name: string) => Instrument,
): Instrument {
  const instrument = known.get(name) ?? make(name);
  known.set(name, instrument);
  return instrument;
}

/** From an answer on the same machine to the longest that an event may take. */
const explicitBucketBoundaries = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600,
];
