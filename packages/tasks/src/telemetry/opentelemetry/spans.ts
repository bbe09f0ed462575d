import type { Attributes, Context, Span, Tracer } from "@opentelemetry/api";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type {
  DeliveryEnd,
  DeliveryFacts,
  EnqueueEnd,
  EnqueueFacts,
  Observation,
  RunEnd,
  RunFacts,
} from "../telemetry.ts";
import { attributes, given } from "./attributes.ts";
import { contextOf, headersOf } from "./trace-headers.ts";

/** Spans of what the queue does, each the child of what led to it. */
export interface Spans {
  enqueue(tasks: EnqueueFacts): Observation<EnqueueEnd>;
  process(run: RunFacts): Observation<RunEnd>;
  deliver(attempt: DeliveryFacts): Observation<DeliveryEnd>;
}

export interface SpansOptions {
  readonly errorMessages: boolean;
}

export function createSpans(tracer: Tracer, { errorMessages }: SpansOptions): Spans {
  return {
    enqueue(facts) {
      const about = attributes.enqueue(facts);
      const parent = context.active();
      const span = begin("enqueue", SpanKind.PRODUCER, about, parent);
      return observation(span, parent, ({ taskIds, errorType, error }) => {
        const [id] = taskIds.length === 1 ? taskIds : [];
        span.setAttributes(given({ "messaging.message.id": id }));
        if (errorType !== null) fail(span, errorType, error);
      });
    },
    process(facts) {
      const about = attributes.process(facts);
      const parent = contextOf(facts.traceContext);
      const span = begin(`process ${facts.type}`, SpanKind.CONSUMER, about, parent);
      return observation(span, parent, ({ outcome, errorType, error }) => {
        span.setAttribute("task.outcome", outcome);
        if (errorType !== null) fail(span, errorType, error);
      });
    },
    deliver(facts) {
      const about = attributes.deliver(facts);
      const parent = contextOf(facts.traceContext);
      const span = begin(`deliver ${facts.dispatchType}`, SpanKind.CLIENT, about, parent);
      return observation(span, parent, ({ outcome, errorType }) => {
        span.setAttribute("delivery.outcome", outcome);
        if (errorType !== null) fail(span, errorType);
      });
    },
  };

  function begin(name: string, kind: SpanKind, about: Attributes, parent: Context): Span {
    return tracer.startSpan(name, { kind, attributes: about }, parent);
  }

  function fail(span: Span, errorType: string, error?: unknown): void {
    span.setAttribute("error.type", errorType);
    span.setStatus({ code: SpanStatusCode.ERROR });
    if (errorMessages && error instanceof Error) span.recordException(error);
    else span.addEvent("exception", { "exception.type": errorType });
  }
}

function observation<End>(span: Span, parent: Context, tell: (how: End) => void): Observation<End> {
  const inside = trace.setSpan(parent, span);
  return {
    traceContext: headersOf(span.spanContext()),
    within: (work) => context.with(inside, work),
    end(how) {
      tell(how);
      span.end();
    },
  };
}
