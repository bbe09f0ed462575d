import type { MeterProvider, TracerProvider } from "@opentelemetry/api";
import { metrics, trace } from "@opentelemetry/api";
import type { Telemetry } from "../telemetry.ts";
import { createMeasures } from "./measures.ts";
import { createSpans } from "./spans.ts";

export interface OpenTelemetryOptions {
  /** Default: the one that is registered globally. */
  readonly tracerProvider?: TracerProvider;
  /** Default: the one that is registered globally when the first metric is measured. */
  readonly meterProvider?: MeterProvider;
  /**
   * Also record messages and stacks of errors, which may quote what a task was given. Default false: their type alone.
   */
  readonly errorMessages?: boolean;
}

/**
 * Traces and metrics by OpenTelemetry, for `createTasks({ telemetry })`. One trace leads from `enqueue` to the run and
 * to the delivery, through other processes too. Without a registered SDK it does nothing.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  const { tracerProvider = trace, meterProvider = metrics, errorMessages = false } = options;
  const spans = createSpans(tracerProvider.getTracer(SCOPE), { errorMessages });
  const measures = createMeasures(() => meterProvider.getMeter(SCOPE));

  return {
    enqueue(facts) {
      const span = spans.enqueue(facts);
      return {
        ...span,
        end(how) {
          measures.enqueued(how);
          span.end(how);
        },
      };
    },
    process(facts) {
      measures.pickedUp(facts);
      const span = spans.process(facts);
      return {
        ...span,
        end(how) {
          measures.processed(facts, how);
          span.end(how);
        },
      };
    },
    deliver(facts) {
      const span = spans.deliver(facts);
      return {
        ...span,
        end(how) {
          measures.delivered(facts, how);
          span.end(how);
        },
      };
    },
    leaseLost: measures.leaseLost,
    recovered: measures.recovered,
    watchQueues: measures.watchQueues,
  };
}

const SCOPE = "@core/tasks";
