import type { MetricData } from "@opentelemetry/sdk-metrics";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { afterAll, describe, expect, it } from "vitest";
import { createTasksFixtures, recordingDispatcher } from "../../testing/tasks-fixture.ts";
import { openTelemetry } from "./open-telemetry.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

function measuring() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 31 - 1 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  return {
    telemetry: openTelemetry({ meterProvider }),
    /** What is known now, by name. */
    async collect(): Promise<ReadonlyMap<string, MetricData>> {
      exporter.reset();
      await meterProvider.forceFlush();
      const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
      return new Map(scopes.flatMap(({ metrics }) => metrics).map((one) => [one.descriptor.name, one]));
    },
    close: () => meterProvider.shutdown(),
  };
}

/** The points of a metric: what tells them apart, and their value or how many values they hold. */
function pointsOf(metric: MetricData | undefined): readonly unknown[] {
  return (metric?.dataPoints ?? []).map(({ attributes, value }) => [
    attributes,
    typeof value === "number" ? value : value.count,
  ]);
}

const mail = {
  "messaging.system": "core_tasks",
  "messaging.destination.name": "default",
  "task.type": "mail",
};

describe("the metrics of OpenTelemetry", () => {
  it("count tasks, runs and deliveries, with durations in seconds", async () => {
    const { again, dispatchers } = await fixtures.open("pglite");
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const { telemetry, collect, close } = measuring();
    const tasks = again({ telemetry });
    const chat = { dispatch_type: "chat", dispatch_config: {} };
    await tasks.enqueueMany([
      { type: "mail", ...chat, idempotency_key: "k" },
      { type: "mail", ...chat },
    ]);
    await tasks.enqueue({ type: "mail", ...chat, idempotency_key: "k" });
    const worker = tasks.createWorker({ handlers: { mail: async () => "sent" } });
    await worker.runUntilIdle();
    await worker.stop();
    const metrics = await collect();
    await close();
    expect(pointsOf(metrics.get("messaging.client.sent.messages"))).toEqual([[mail, 2]]);
    expect(pointsOf(metrics.get("task.pick_up.duration"))).toEqual([[mail, 2]]);
    expect(pointsOf(metrics.get("messaging.process.duration"))).toEqual([
      [{ ...mail, "task.outcome": "complete" }, 2],
    ]);
    const delivered = {
      "delivery.dispatch_type": "chat",
      "delivery.kind": "task_result",
      "delivery.outcome": "delivered",
    };
    expect(pointsOf(metrics.get("delivery.attempts"))).toEqual([[delivered, 2]]);
    expect(pointsOf(metrics.get("delivery.attempt.duration"))).toEqual([[delivered, 2]]);
    expect(metrics.get("messaging.process.duration")?.descriptor.unit).toBe("s");
  });

  it("tell the depth of the queues while a worker is up", async () => {
    const { again } = await fixtures.open("pglite");
    const { telemetry, collect, close } = measuring();
    const tasks = again({ telemetry });
    await tasks.enqueueMany([{ type: "mail" }, { type: "mail" }, { type: "mail", delay_ms: 60_000 }]);
    expect((await collect()).has("task.queue.depth")).toBe(false);
    const worker = tasks.createWorker({ handlers: {} });
    await worker.start();
    const metrics = await collect();
    await worker.stop();
    const points = pointsOf(metrics.get("task.queue.depth"));
    expect(points).toContainEqual([{ ...mail, "task.state": "due" }, 2]);
    expect(points).toContainEqual([{ ...mail, "task.state": "planned" }, 1]);
    expect(points).toContainEqual([{ ...mail, "task.state": "running" }, 0]);
    expect(pointsOf(metrics.get("task.queue.oldest_due"))).toEqual([[mail, expect.any(Number)]]);
    await close();
  });
});
