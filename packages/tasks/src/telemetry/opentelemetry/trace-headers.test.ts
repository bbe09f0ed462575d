import { createTraceState, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { contextOf, headersOf } from "./trace-headers.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

describe("a place in a trace", () => {
  it("is the same after it has been headers", () => {
    const place = { traceId, spanId, traceFlags: 1, traceState: createTraceState("a=1,b=2") };
    const headers = headersOf(place);
    expect(headers).toEqual({ traceparent: `00-${traceId}-${spanId}-01`, tracestate: "a=1,b=2" });
    const read = trace.getSpanContext(contextOf(headers));
    expect(read).toMatchObject({ traceId, spanId, traceFlags: 1, isRemote: true });
    expect(read?.traceState?.serialize()).toBe("a=1,b=2");
  });

  it("has no headers when there is none", () => {
    expect(headersOf({ traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 })).toBeNull();
  });

  it("is read from a version to come, and its unknown flags are left out", () => {
    const headers = { traceparent: `cc-${traceId}-${spanId}-09-what` };
    expect(trace.getSpanContext(contextOf(headers))).toMatchObject({ traceId, traceFlags: 1 });
  });

  it.each([
    {},
    { traceparent: "" },
    { traceparent: "00-1-2-01" },
    { traceparent: `ff-${traceId}-${spanId}-01` },
    { traceparent: `00-${"0".repeat(32)}-${spanId}-01` },
    { traceparent: `00-${traceId.toUpperCase()}-${spanId}-01` },
  ])("that cannot be read begins a new trace: %j", (headers) => {
    expect(contextOf(headers)).toBe(ROOT_CONTEXT);
  });
});
