import { systemClock } from "@core/registry";
import type { Clock } from "@core/registry";
import type { Meter, Tracer } from "@opentelemetry/api";
import { metrics, SpanStatusCode, trace } from "@opentelemetry/api";
import type { DiagnosticHooks } from "../diagnostic-hooks.ts";
import { attributesOf } from "./attributes.ts";
import { createInstruments } from "./instruments.ts";

export interface OpentelemetryOptions {
  /** Default: that of the global provider when the first metric is told. */
  readonly meter?: Meter;
  /** Default: that of the global provider. */
  readonly tracer?: Tracer;
  /** Also record messages and stacks of errors. Default false: their code or name alone. */
  readonly errorMessages?: boolean;
  readonly clock?: Clock;
}

/**
 * Metrics and traces by OpenTelemetry, for the hooks of an instance. Counts become counters, durations histograms in
 * seconds, events and errors spans of the trace in which they happen. Without a registered SDK it does nothing.
 */
export function opentelemetryHooks(options: OpentelemetryOptions = {}): Required<DiagnosticHooks> {
  const { meter, tracer = trace.getTracer(SCOPE), errorMessages = false, clock = systemClock } = options;
  const instruments = createInstruments(() => meter ?? metrics.getMeter(SCOPE));

  return {
    emitMetric: (metric) => instruments.record(metric),
    emitEvent({ name, attributes }) {
      const endedAt = clock.now();
      const { took_ms: tookMs = 0, ...about } = attributes;
      const startTime = endedAt - Number(tookMs);
      tracer.startSpan(name, { startTime, attributes: attributesOf(about) }).end(endedAt);
    },
    emitError({ operation, error, attributes }) {
      const type = typeOf(error);
      const at = clock.now();
      const about = { ...attributesOf(attributes), "error.type": type };
      const span = tracer.startSpan(operation, { startTime: at, attributes: about });
      span.setStatus({ code: SpanStatusCode.ERROR });
      if (errorMessages && error instanceof Error) span.recordException(error, at);
      else span.addEvent("exception", { "exception.type": type }, at);
      span.end(at);
      instruments.record({ name: ERRORS, value: 1, attributes: { operation, "error.type": type } });
    },
  };
}

const SCOPE = "@core/integrations-state";
const ERRORS = "integrations.errors";

/** A code where there is one: it is permanent, and a message is not. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
