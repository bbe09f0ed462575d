import { testEngines } from "@core/database/testing";
import type { JsonObject } from "@core/registry";
import { createRecordingLogger } from "@core/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import { silence } from "../testing/silence.ts";
import { NonRetryable, RetryAfter } from "./task-failure.ts";
import type { TaskHandler } from "./task-run.ts";
import type { EndOfTask, FollowUps } from "./tasks-of-end.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

/** Whoever asked is told by a task of type `told`. */
const callback: FollowUps = ({ id, type }, end) =>
  type === "told"
    ? []
    : [{ type: "told", reason: "callback", parent_task_id: id, payload: { id, ...inShort(end) } }];

function inShort(end: EndOfTask): JsonObject {
  if (end.state === "complete") return { result: end.result };
  return { failure_code: end.failure_code, message: end.error.message };
}

const work: TaskHandler = async ({ payload }) => {
  if (payload === "fail") throw new NonRetryable("It failed.");
  if (payload === "files") return { text: "", files: [{ id: "f" }], actions: [] };
  return payload;
};

describe.each(testEngines)("what follows the end of a task on %s", (engine) => {
  it.each([
    ["a result", "text", { result: "text" }],
    ["files only", "files", { result: { text: "", files: [{ id: "f" }], actions: [] } }],
    ["a failure", "fail", { failure_code: "non_retryable", message: "It failed." }],
  ])("is stored with %s", async (_name, payload, told) => {
    const { tasks } = await fixtures.open(engine, { followUps: callback });
    const heard: unknown[] = [];
    const worker = tasks.createWorker({
      handlers: { work, told: async (task) => void heard.push(task.payload) },
    });
    const { task } = await tasks.enqueue({ type: "work", payload });
    await worker.runUntilIdle();
    expect(heard).toEqual([{ id: task.id, ...told }]);
    await worker.stop();
  });

  it("is asked for at the end only, not before another try", async () => {
    const ends: EndOfTask[] = [];
    const { tasks, makeDue } = await fixtures.open(engine, {
      followUps: (_task, end) => {
        ends.push(end);
        return [];
      },
    });
    const worker = tasks.createWorker({
      handlers: {
        async work({ attempt }) {
          if (attempt === 1) throw new RetryAfter(60_000);
          return "done";
        },
      },
    });
    await tasks.enqueue({ type: "work" });
    await worker.runUntilIdle();
    expect(ends).toEqual([]);
    await makeDue();
    await worker.runUntilIdle();
    expect(ends).toEqual([{ state: "complete", result: "done" }]);
    await worker.stop();
  });

  it("may stand in the lane of the task, behind those that wait there already", async () => {
    const order: unknown[] = [];
    const { tasks } = await fixtures.open(engine, {
      followUps: ({ payload }) =>
        payload === "first" ? [{ type: "work", lane: "l", payload: "follow-up" }] : [],
    });
    for (const payload of ["first", "second"]) await tasks.enqueue({ type: "work", lane: "l", payload });
    const worker = tasks.createWorker({
      handlers: { work: async ({ payload }) => void order.push(payload) },
    });
    await worker.runUntilIdle();
    expect(order).toEqual(["first", "second", "follow-up"]);
    await worker.stop();
  });

  it("may have keys, by which the same task follows many ends once", async () => {
    const { tasks } = await fixtures.open(engine, {
      followUps: ({ type }) =>
        type === "work" ? [{ type: "summary", dedupe: { key: "all" }, idempotency_key: "summary" }] : [],
    });
    await tasks.enqueueMany([1, 2, 3].map((payload) => ({ type: "work", payload })));
    let summaries = 0;
    const worker = tasks.createWorker({
      handlers: { work, summary: async () => void (summaries += 1) },
    });
    await worker.runUntilIdle();
    expect(summaries).toBe(1);
    await worker.stop();
  });

  it("does not exist when the end is not stored, because the lease was lost", async () => {
    const fixture = await fixtures.open(engine, { followUps: callback });
    const { tasks, again } = fixture;
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const late = tasks.createWorker({
      workerId: "late",
      handlers: {
        async work() {
          entered.resolve();
          await gate.promise;
        },
      },
    });
    const { task } = await tasks.enqueue({ type: "work", max_attempts: 1 });
    await late.tick();
    await entered.promise;
    await silence(fixture, "late");
    const heard: unknown[] = [];
    const next = again().createWorker({
      handlers: { told: async ({ payload }) => void heard.push(payload) },
    });
    await next.tick();
    gate.resolve();
    await late.runUntilIdle();
    await next.runUntilIdle();
    // Told once, by whoever found the dead worker's task.
    expect(heard).toMatchObject([{ id: task.id, failure_code: "lease_lost" }]);
    await Promise.all([late.stop(), next.stop()]);
  });

  it("that cannot be made is reported and shown with the task, whose result is kept", async () => {
    const logger = createRecordingLogger();
    const { tasks } = await fixtures.open(engine, {
      logger,
      followUps: () => {
        throw new Error("The address book is closed.");
      },
    });
    const { task } = await tasks.enqueue({ type: "work", payload: "kept" });
    const worker = tasks.createWorker({ handlers: { work } });
    await worker.runUntilIdle();
    expect(await tasks.get(task.id)).toMatchObject({
      state: "complete",
      result: "kept",
      errors: [{ code: "follow_ups_failed", message: "The address book is closed." }],
    });
    expect(JSON.stringify(logger.entries)).toContain("it ends alone");
    await worker.stop();
  });
});
