import type { Context, SpanContext } from "@opentelemetry/api";
import { createTraceState, isSpanContextValid, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import type { TraceContext } from "../../task/task.ts";

/**
 * A span's place in its trace as the headers of https://www.w3.org/TR/trace-context/; null: it has none. Baggage is left
 * out, since it may hold what must not be stored.
 */
export function headersOf(place: SpanContext): TraceContext | null {
  if (!isSpanContextValid(place)) return null;
  const flags = place.traceFlags.toString(16).padStart(2, "0");
  const traceparent = `00-${place.traceId}-${place.spanId}-${flags}`;
  const tracestate = place.traceState?.serialize();
  return tracestate ? { traceparent, tracestate } : { traceparent };
}

/** The context in which what the headers lead to goes on; headers that cannot be read begin a new trace. */
export function contextOf(headers: TraceContext | null): Context {
  const place = headers === null ? null : placeOf(headers);
  return place === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, place);
}

/** Versions to come may add parts, and begin with these. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:$|-)/;

function placeOf({ traceparent = "", tracestate }: TraceContext): SpanContext | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  const place = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & SAMPLED, isRemote: true };
  if (!isSpanContextValid(place)) return null;
  return tracestate === undefined ? place : { ...place, traceState: createTraceState(tracestate) };
}

/** The one flag that is known. */
const SAMPLED = 1;
