import { createManualClock } from "@core/testing";
import type { Context, ContextManager } from "@opentelemetry/api";
import { context, metrics, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { MetricData } from "@opentelemetry/sdk-metrics";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { describe, expect, test } from "vitest";
import { integrationsParts } from "../../../test/integrations-parts.ts";
import { createOutboundDouble } from "../../../test/outbound-double.ts";
import { opentelemetryHooks } from "../../opentelemetry.ts";
import { IntegrationsError } from "../../errors.ts";
import { createWebhooks } from "../../webhooks/create-webhooks.ts";
import type { OpentelemetryOptions } from "./opentelemetry-hooks.ts";

/** A process with an SDK of its own. */
function observing(options: OpentelemetryOptions = {}) {
  const spanExporter = new InMemorySpanExporter();
  const tracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })],
  });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 31 - 1 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const meter = meterProvider.getMeter("test");
  const tracer = tracerProvider.getTracer("test");
  const clock = createManualClock();
  return {
    tracer,
    hooks: opentelemetryHooks({ meter, tracer, clock, ...options }),
    meterProvider,
    spans: () => spanExporter.getFinishedSpans(),
    /** What is known now, by name. */
    async collect(): Promise<ReadonlyMap<string, MetricData>> {
      await meterProvider.forceFlush();
      const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
      return new Map(scopes.flatMap((scope) => scope.metrics).map((one) => [one.descriptor.name, one]));
    },
    [Symbol.asyncDispose]: () => meterProvider.shutdown(),
  };
}

/** The points of a metric: what tells them apart, and their value or what the values add up to. */
function pointsOf(metric: MetricData | undefined): readonly unknown[] {
  return (metric?.dataPoints ?? []).map(({ attributes, value }) => [
    attributes,
    typeof value === "number" ? value : value.sum,
  ]);
}

/** Knows the context of what is called at once. */
function oneContext(): ContextManager {
  let active: Context = ROOT_CONTEXT;
  const manager: ContextManager = {
    active: () => active,
    with(inner, call, self, ...given) {
      active = inner;
      return call.apply(self, given);
    },
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

describe("metrics", () => {
  test("that count are counters", async () => {
    await using observed = observing();
    const { emitMetric } = observed.hooks;
    emitMetric({ name: "integrations.webhook.sent", value: 2, attributes: { event: "error" } });
    emitMetric({ name: "integrations.webhook.sent", value: 3, attributes: { event: "error" } });
    emitMetric({ name: "integrations.webhook.sent", value: 1, attributes: { event: "task.sync" } });
    const metric = (await observed.collect()).get("integrations.webhook.sent");
    expect(pointsOf(metric)).toEqual([
      [{ event: "error" }, 5],
      [{ event: "task.sync" }, 1],
    ]);
  });

  test("that are durations are histograms in seconds", async () => {
    await using observed = observing();
    observed.hooks.emitMetric({ name: "integrations.webhook.emit_ms", value: 1_500, attributes: {} });
    const metric = (await observed.collect()).get("integrations.webhook.emit.duration");
    expect(metric?.descriptor.unit).toBe("s");
    expect(pointsOf(metric)).toEqual([[{}, 1.5]]);
  });

  test("go to the global meter that is there when the first one is told", async () => {
    await using observed = observing();
    const { emitMetric } = opentelemetryHooks();
    metrics.setGlobalMeterProvider(observed.meterProvider);
    emitMetric({ name: "integrations.late", value: 1, attributes: {} });
    metrics.disable();
    expect((await observed.collect()).has("integrations.late")).toBe(true);
  });
});

describe("an event", () => {
  test("is a span with its attributes, and without a duration", async () => {
    await using observed = observing();
    const attributes = { webhook_id: "w", created: true, gone: null, tags: ["a"], more: { n: 1 } };
    observed.hooks.emitEvent({ name: "integrations.webhook.registered", attributes });
    expect(observed.spans()).toMatchObject([
      { name: "integrations.webhook.registered", kind: SpanKind.INTERNAL, duration: [0, 0] },
    ]);
    expect(observed.spans()[0]?.attributes).toEqual({
      webhook_id: "w",
      created: true,
      tags: ["a"],
      more: '{"n":1}',
    });
  });

  test("that took a while is a span that began so long ago", async () => {
    await using observed = observing();
    observed.hooks.emitEvent({ name: "e", attributes: { took_ms: 1_250, sent: 1 } });
    const start = Date.parse("2026-01-01T00:00:00Z") / 1_000 - 2;
    expect(observed.spans()).toMatchObject([{ startTime: [start, 750_000_000], duration: [1, 250_000_000] }]);
    expect(observed.spans()[0]?.attributes).toEqual({ sent: 1 });
  });

  test("belongs to the span in which it happens", async () => {
    await using observed = observing();
    context.setGlobalContextManager(oneContext());
    const request = observed.tracer.startSpan("request");
    context.with(trace.setSpan(ROOT_CONTEXT, request), () =>
      observed.hooks.emitEvent({ name: "e", attributes: {} }),
    );
    context.disable();
    expect(observed.spans()[0]?.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
  });
});

describe("an error", () => {
  const error = new IntegrationsError({ code: "STATE_CLOSED", message: "quotes something" });

  test("is a failed span and a count, by its code, without its message", async () => {
    await using observed = observing();
    observed.hooks.emitError({
      operation: "integrations.webhook.disable",
      error,
      attributes: { webhook_id: "w" },
    });
    observed.hooks.emitError({ operation: "o", error: new TypeError("no"), attributes: {} });
    observed.hooks.emitError({ operation: "o", error: "thrown text", attributes: {} });
    const spans = observed.spans();
    expect(spans).toMatchObject([
      {
        name: "integrations.webhook.disable",
        status: { code: SpanStatusCode.ERROR },
        attributes: { webhook_id: "w", "error.type": "STATE_CLOSED" },
        events: [{ name: "exception", attributes: { "exception.type": "STATE_CLOSED" } }],
      },
      { attributes: { "error.type": "TypeError" } },
      { attributes: { "error.type": "string" } },
    ]);
    expect(JSON.stringify(spans.map(({ events, status }) => [events, status]))).not.toContain("quotes");
    expect(pointsOf((await observed.collect()).get("integrations.errors"))).toEqual([
      [{ operation: "integrations.webhook.disable", "error.type": "STATE_CLOSED" }, 1],
      [{ operation: "o", "error.type": "TypeError" }, 1],
      [{ operation: "o", "error.type": "string" }, 1],
    ]);
  });

  test("is told whole when that is asked for", async () => {
    await using observed = observing({ errorMessages: true });
    observed.hooks.emitError({ operation: "o", error, attributes: {} });
    expect(observed.spans()[0]?.events).toMatchObject([
      { attributes: { "exception.message": "quotes something" } },
    ]);
  });
});

test("what webhooks do becomes metrics and spans", async () => {
  await using observed = observing();
  const parts = integrationsParts({ outbound: createOutboundDouble(() => ({ status: 410 })) });
  parts.diagnostics.setHooks(observed.hooks);
  const { registerWebhook, emitWebhookEvent } = createWebhooks(parts);
  await registerWebhook({ url: "https://example.com/" });
  await emitWebhookEvent("error");
  expect(observed.spans().map(({ name }) => name)).toEqual([
    "integrations.webhook.registered",
    "integrations.webhook.disabled",
    "integrations.webhook.delivery_failed",
    "integrations.webhook.emitted",
  ]);
  const known = await observed.collect();
  expect(pointsOf(known.get("integrations.webhook.failed"))).toEqual([[{ event: "error" }, 1]]);
  expect(pointsOf(known.get("integrations.webhook.attempt.duration"))).toEqual([[{ outcome: "gone" }, 0]]);
  expect(parts.logger.entries.filter(({ level }) => level === "error")).toEqual([]);
});

test("without an SDK nothing happens", () => {
  const { emitMetric, emitEvent, emitError } = opentelemetryHooks();
  expect(() => {
    emitMetric({ name: "m", value: 1, attributes: {} });
    emitEvent({ name: "e", attributes: {} });
    emitError({ operation: "o", error: new Error("x"), attributes: {} });
  }).not.toThrow();
});
