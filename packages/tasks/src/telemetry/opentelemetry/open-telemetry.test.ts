import { testEngines } from "@core/database/testing";
import { permanent } from "@core/registry";
import { context, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTasksFixtures, recordingDispatcher } from "../../testing/tasks-fixture.ts";
import type { OpenTelemetryOptions } from "./open-telemetry.ts";
import { openTelemetry } from "./open-telemetry.ts";

const fixtures = createTasksFixtures();
beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager()));
afterAll(async () => {
  context.disable();
  await fixtures.close();
});

/** A process with an SDK of its own. */
function tracing(options: OpenTelemetryOptions = {}) {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  const tracerProvider = new TracerProvider({ spanProcessors });
  return {
    telemetry: openTelemetry({ tracerProvider, ...options }),
    tracer: tracerProvider.getTracer("test"),
    spans: () => exporter.getFinishedSpans(),
    span(name: string): ReadableSpan {
      const span = exporter.getFinishedSpans().find((one) => one.name === name);
      if (span === undefined) throw new Error(`There is no span ${name}.`);
      return span;
    },
  };
}

function parentOf(span: ReadableSpan): string | undefined {
  return span.parentSpanContext?.spanId;
}

describe.each(testEngines)("a trace on %s", (engine) => {
  it("leads from the maker to the run and to the delivery, through two processes", async () => {
    const { again, dispatchers } = await fixtures.open(engine);
    const [maker, runner] = [tracing(), tracing()];
    const dispatcher = recordingDispatcher(() => {
      runner.tracer.startSpan("send").end();
      return { status: "delivered", externalIds: [] };
    });
    dispatchers.register("chat", dispatcher, { owner: "test" });
    const { task } = await maker.tracer.startActiveSpan("request", async (request) => {
      const receipt = await again({ telemetry: maker.telemetry }).enqueue({
        type: "mail",
        dispatch_type: "chat",
        dispatch_config: { room: "r" },
      });
      request.end();
      return receipt;
    });
    const worker = again({ telemetry: runner.telemetry }).createWorker({
      handlers: {
        async mail() {
          await Promise.resolve();
          runner.tracer.startSpan("think").end();
          return "done";
        },
      },
    });
    await worker.runUntilIdle();
    await worker.stop();

    const enqueue = maker.span("enqueue");
    const process = runner.span("process mail");
    const deliver = runner.span("deliver chat");
    const idOf = (span: ReadableSpan): string => span.spanContext().spanId;
    expect(parentOf(enqueue)).toBe(idOf(maker.span("request")));
    expect(parentOf(process)).toBe(idOf(enqueue));
    expect(parentOf(runner.span("think"))).toBe(idOf(process));
    expect(parentOf(deliver)).toBe(idOf(process));
    expect(parentOf(runner.span("send"))).toBe(idOf(deliver));
    const traces = [...maker.spans(), ...runner.spans()].map((span) => span.spanContext().traceId);
    expect(new Set(traces).size).toBe(1);
    expect(task.trace_context).toEqual({
      traceparent: `00-${enqueue.spanContext().traceId}-${idOf(enqueue)}-01`,
    });
    expect([enqueue.kind, process.kind, deliver.kind]).toEqual([
      SpanKind.PRODUCER,
      SpanKind.CONSUMER,
      SpanKind.CLIENT,
    ]);
  });

  it("is the caller's own where there is one, and goes on through a process without telemetry", async () => {
    const { again, dispatchers } = await fixtures.open(engine);
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const [maker, sender] = [tracing(), tracing()];
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const { task } = await again({ telemetry: maker.telemetry }).enqueue({
      type: "t",
      trace_context: { traceparent },
      dispatch_type: "chat",
      dispatch_config: {},
    });
    expect(task.trace_context).toEqual({ traceparent });
    const runner = again().createWorker({ handlers: { t: async () => 1 }, deliveryConcurrency: 0 });
    await runner.runUntilIdle();
    await runner.stop();
    const deliverer = again({ telemetry: sender.telemetry }).createWorker({ handlers: {} });
    await deliverer.runUntilIdle();
    await deliverer.stop();
    const deliver = sender.span("deliver chat");
    expect(parentOf(deliver)).toBe("b7ad6b7169203331");
    expect(deliver.spanContext().traceId).toBe("0af7651916cd43dd8448eb211c80319c");
  });

  it("is another one when a request with an idempotency key comes again, which is no conflict", async () => {
    const { again } = await fixtures.open(engine);
    const tasks = again({ telemetry: tracing().telemetry });
    const first = await tasks.enqueue({ type: "t", idempotency_key: "k" });
    const second = await tasks.enqueue({ type: "t", idempotency_key: "k" });
    expect(second).toMatchObject({ created: false, task: { id: first.task.id } });
    expect(second.task.trace_context).toEqual(first.task.trace_context);
  });
});

describe("spans", () => {
  it("say what by the conventions of messaging, and nothing of what tasks hold", async () => {
    const { again, dispatchers } = await fixtures.open("pglite");
    const answer = permanent({ code: "gone", message: "secret-answer" });
    dispatchers.register(
      "chat",
      recordingDispatcher(() => answer),
      { owner: "test" },
    );
    const one = tracing();
    const tasks = again({ telemetry: one.telemetry });
    const { task } = await tasks.enqueue({
      type: "mail",
      queue: "outgoing",
      prompt: "secret-prompt",
      payload: { card: "secret-payload" },
      title: "secret-title",
      lane: "secret-lane",
      session_id: "secret-session",
      correlation_id: "secret-correlation",
      dispatch_type: "chat",
      dispatch_config: { room: "secret-target" },
      max_attempts: 1,
    });
    const worker = tasks.createWorker({
      workerId: "w",
      queues: ["outgoing"],
      handlers: { mail: () => Promise.reject(new TypeError("secret-error")) },
    });
    await worker.runUntilIdle();
    await worker.stop();
    const about = {
      "messaging.system": "core_tasks",
      "messaging.destination.name": "outgoing",
      "task.type": "mail",
    };
    expect(one.span("enqueue").attributes).toEqual({
      ...about,
      "messaging.operation.type": "send",
      "messaging.operation.name": "enqueue",
      "messaging.message.id": task.id,
    });
    expect(one.span("process mail").attributes).toEqual({
      ...about,
      "messaging.operation.type": "process",
      "messaging.operation.name": "process",
      "messaging.message.id": task.id,
      "messaging.client.id": "w",
      "task.attempt": 1,
      "task.outcome": "failed",
      "error.type": "TypeError",
    });
    const [delivery] = (await tasks.get(task.id))?.deliveries ?? [];
    expect(one.span("deliver chat").attributes).toEqual({
      "messaging.system": "core_tasks",
      "messaging.operation.type": "send",
      "messaging.operation.name": "deliver",
      "messaging.message.id": delivery?.id,
      "task.id": task.id,
      "delivery.dispatch_type": "chat",
      "delivery.kind": "task_error",
      "delivery.attempt": 1,
      "delivery.outcome": "permanent",
      "error.type": "gone",
    });
    const everything = one
      .spans()
      .map(({ name, attributes, events, status }) => [name, attributes, events, status]);
    expect(JSON.stringify(everything)).not.toContain("secret");
  });

  it("record an error by its type, and with its message when that is asked for", async () => {
    const { again } = await fixtures.open("pglite");
    for (const errorMessages of [false, true]) {
      const one = tracing({ errorMessages });
      const tasks = again({ telemetry: one.telemetry });
      await tasks.enqueue({ type: "t", max_attempts: 2 });
      const worker = tasks.createWorker({ handlers: { t: () => Promise.reject(new RangeError("too far")) } });
      await worker.runUntilIdle();
      await worker.stop();
      const [run] = one.spans().filter(({ name }) => name === "process t");
      expect(run?.attributes["task.outcome"]).toBe("retry");
      expect(run?.status).toEqual({ code: SpanStatusCode.ERROR });
      const message = errorMessages ? { "exception.message": "too far" } : {};
      expect(run?.events).toMatchObject([
        { name: "exception", attributes: { "exception.type": "RangeError", ...message } },
      ]);
      expect(JSON.stringify(run?.events).includes("too far")).toBe(errorMessages);
    }
  });

  it("of a refused task record why, and of many tasks how many they are", async () => {
    const { again } = await fixtures.open("pglite");
    const one = tracing();
    const tasks = again({ telemetry: one.telemetry });
    await expect(tasks.enqueue({ type: "t", priority: 1e9 })).rejects.toMatchObject({ code: "TASK_INVALID" });
    const receipts = await tasks.enqueueMany([{ type: "t" }, { type: "t" }, { type: "u" }]);
    const [refused, many] = one.spans();
    expect(refused?.attributes).toMatchObject({ "error.type": "TASK_INVALID" });
    expect(many?.attributes).toEqual({
      "messaging.system": "core_tasks",
      "messaging.operation.type": "send",
      "messaging.operation.name": "enqueue",
      "messaging.destination.name": "default",
      "messaging.batch.message_count": 3,
    });
    const ids = receipts.map(({ task }) => task.trace_context?.["traceparent"]?.split("-")[2]);
    expect(new Set(ids)).toEqual(new Set([many?.spanContext().spanId]));
  });

  it("are none without an SDK, and the queue works as it does without telemetry", async () => {
    const { again } = await fixtures.open("pglite");
    const tasks = again({ telemetry: openTelemetry() });
    const { task } = await tasks.enqueue({ type: "t" });
    expect(task.trace_context).toBeNull();
    const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", result: "done" });
  });
});
