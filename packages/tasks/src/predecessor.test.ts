import { testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import type { TaskHandler } from "./task/task-run.ts";
import { ranWith } from "./testing/ran-with.ts";
import { silence } from "./testing/silence.ts";
import { createTasksFixtures, recordingDispatcher } from "./testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

/** For what happens at once on an idle machine. */
const patient = { timeout: 20_000 };

const hour = 3_600_000;
/** Long enough that nothing in a test happens because somebody looked again. */
const neverPolls = { pollMs: 600_000 };
/** A worker whose silence a test decides. */
const neverBeats = { heartbeatMs: 600_000, deadAfterMs: 1_800_000 };

describe.each(testEngines)("what the predecessor got wrong, on %s", (engine) => {
  it("T1: tasks are claimed in the order in which they came", async () => {
    const { tasks } = await fixtures.open(engine);
    for (let n = 0; n < 25; n += 1) await tasks.enqueue({ type: "t", payload: n });
    expect(await ranWith(tasks)).toEqual(Array.from({ length: 25 }, (_, n) => n));
  });

  it("T1: each task is claimed by one worker only, however many look for it at the same time", async () => {
    const { tasks, again } = await fixtures.open(engine);
    const receipts = await tasks.enqueueMany(Array.from({ length: 120 }, () => ({ type: "t" })));
    const ran: string[] = [];
    const workers = [tasks, again(), again()].map((one) =>
      one.createWorker({ concurrency: 4, handlers: { t: async ({ id }) => void ran.push(id) } }),
    );
    await Promise.all(workers.map((worker) => worker.runUntilIdle()));
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(ran.toSorted()).toEqual(receipts.map(({ task }) => task.id).toSorted());
    expect((await tasks.get(ran[0] ?? ""))?.attempt).toBe(1);
  });

  it("T2: the task of a killed worker runs again long before its timeout, rather than staying running or failing", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, again } = fixture;
    const { task } = await tasks.enqueue({ type: "t", max_run_seconds: 1_200 });
    const killed = heldRun("first");
    const first = tasks.createWorker({ workerId: "killed", ...neverBeats, handlers: { t: killed.handler } });
    await first.tick();
    await killed.begun;
    await silence(fixture, "killed");
    const second = again().createWorker({ handlers: { t: async () => "second" } });
    await second.runUntilIdle();
    await second.stop();
    expect(await tasks.get(task.id)).toMatchObject({
      state: "complete",
      result: "second",
      attempt: 2,
      errors: [{ attempt: 1, code: "lease_lost" }],
    });
    killed.end();
    await first.stop();
  });

  it("T2: a late runner cannot overwrite what a later run has made of the task", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, again, dispatchers } = fixture;
    const recorder = recordingDispatcher();
    dispatchers.register("test", recorder, { owner: "test" });
    const { task } = await tasks.enqueue({ type: "t", dispatch_type: "test" });
    const late = heldRun("late");
    const first = tasks.createWorker({ workerId: "late", ...neverBeats, handlers: { t: late.handler } });
    await first.tick();
    await late.begun;
    await silence(fixture, "late");
    const second = again().createWorker({ handlers: { t: async () => "in time" } });
    await second.runUntilIdle();
    await second.stop();

    late.end();
    await first.stop();
    expect(first.stats()).toMatchObject({ complete: 0, leasesLost: 1 });
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", result: "in time", attempt: 2 });
    expect(recorder.deliveries).toMatchObject([{ payload: { result: { text: "in time" } } }]);
  });

  it("T4: any error is tried again, not only a rate limit, and every failure is listed", async () => {
    const { tasks, makeDue } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t", max_attempts: 4 });
    const errors: unknown[] = [new TypeError("one"), "two", new RangeError("three")];
    const worker = tasks.createWorker({
      handlers: {
        t: async () => {
          if (errors.length > 0) throw errors.shift();
        },
      },
    });
    for (let run = 0; run < 4; run += 1) {
      await worker.runUntilIdle();
      await makeDue();
    }
    await worker.stop();
    const at = expect.any(String);
    expect(await tasks.get(task.id)).toMatchObject({
      state: "complete",
      attempt: 4,
      errors: [
        { attempt: 1, at, code: "TypeError", message: "one" },
        { attempt: 2, at, code: "Error", message: "two" },
        { attempt: 3, at, code: "RangeError", message: "three" },
      ],
    });
  });

  it("T4: an error's text is kept whole up to 4,000 characters, in the task and in what is delivered", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const recorder = recordingDispatcher();
    dispatchers.register("test", recorder, { owner: "test" });
    const whole = `${"ü".repeat(3_999)}!`;
    const longer = `${whole}and more`;
    const input = { type: "t", max_attempts: 1, dispatch_type: "test" };
    const [first, second] = await tasks.enqueueMany([
      { ...input, payload: whole },
      { ...input, payload: longer },
    ]);
    const worker = tasks.createWorker({
      handlers: { t: ({ payload }) => Promise.reject(new Error(payload as string)) },
    });
    await worker.runUntilIdle();
    await worker.stop();
    const kept = [];
    for (const receipt of [first, second]) {
      const read = await tasks.get(receipt?.task.id ?? "");
      kept.push(...(read?.errors ?? []).map(({ message }) => message));
    }
    expect(kept).toEqual([whole, `${whole}…`]);
    const told = recorder.deliveries.map(({ payload }) => ("error" in payload ? payload.error.message : ""));
    expect(told.toSorted()).toEqual([whole, `${whole}…`]);
  });

  it("T5: a busy session delays nobody else, and its next task starts when the first ends, without a look later", async () => {
    const { tasks } = await fixtures.open(engine);
    const busy = heldRun("first");
    const ran: string[] = [];
    const worker = tasks.createWorker({
      ...neverPolls,
      handlers: {
        held: busy.handler,
        t: async ({ payload }) => void ran.push(payload as string),
      },
    });
    await worker.start();
    await tasks.enqueue({ type: "held", lane: "busy" });
    await busy.begun;
    const next = await tasks.enqueue({ type: "t", payload: "next", lane: "busy" });
    await tasks.enqueueMany([
      { type: "t", payload: "other session", lane: "other" },
      { type: "t", payload: "no session" },
    ]);
    await expect.poll(() => ran.toSorted(), patient).toEqual(["no session", "other session"]);
    expect(await tasks.get(next.task.id)).toMatchObject({ state: "pending", run_at: next.task.run_at });
    busy.end();
    await expect.poll(() => ran, patient).toContain("next");
    await worker.stop();
    expect(await tasks.get(next.task.id)).toMatchObject({ attempt: 1, run_at: next.task.run_at });
  });

  it("T7: a task delegated in its parent's session runs while the parent waits for it", async () => {
    const { tasks } = await fixtures.open(engine);
    const worker = tasks.createWorker({
      pollMs: 10,
      handlers: {
        parent: async ({ id, session_id: session }) => {
          const { task } = await tasks.enqueue({
            type: "child",
            reason: "delegation",
            parent_task_id: id,
            lane: "session s",
            ...(session !== null && { session_id: session }),
          });
          await expect
            .poll(async () => (await tasks.get(task.id))?.state, { timeout: 10_000 })
            .toBe("complete");
          return (await tasks.get(task.id))?.result;
        },
        child: async () => "the child's answer",
      },
    });
    const { task } = await tasks.enqueue({ type: "parent", lane: "session s", session_id: "s" });
    await worker.start();
    await expect.poll(async () => (await tasks.get(task.id))?.state, patient).toBe("complete");
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ result: "the child's answer" });
  });

  it("cancel: cancelling a session leaves what is scheduled for later, and marks the rest cancelled with its end", async () => {
    const { tasks } = await fixtures.open(engine);
    const session = { type: "t", session_id: "s" };
    const [now, second, nextWeek] = await tasks.enqueueMany([
      session,
      { ...session, lane: "l" },
      { ...session, scheduled_at: new Date(Date.now() + 7 * 24 * hour) },
    ]);
    const elsewhere = await tasks.enqueue({ type: "t", session_id: "other" });
    expect(await tasks.cancelAll({ session_id: "s" })).toBe(2);
    for (const receipt of [now, second]) {
      const read = await tasks.get(receipt?.task.id ?? "");
      expect(read).toMatchObject({ state: "cancelled", failure_code: null });
      expect(read?.finished_at).toBeInstanceOf(Date);
    }
    const [later, other] = [await tasks.get(nextWeek?.task.id ?? ""), await tasks.get(elsewhere.task.id)];
    expect(later).toMatchObject({ state: "pending", run_at: nextWeek?.task.run_at, finished_at: null });
    expect(other).toMatchObject({ state: "pending" });
  });

  it("locks: a session is locked for all processes, and no lock is left over when one dies", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, again } = fixture;
    const head = await tasks.enqueue({ type: "t", lane: "session s" });
    const follower = await tasks.enqueue({ type: "t", lane: "session s" });
    const held = heldRun("first");
    const first = tasks.createWorker({ workerId: "first", ...neverBeats, handlers: { t: held.handler } });
    await first.tick();
    await held.begun;

    const ran: string[] = [];
    const t: TaskHandler = async ({ id }) => void ran.push(id);
    const whileItRuns = again().createWorker({ handlers: { t } });
    await whileItRuns.runUntilIdle();
    await whileItRuns.stop();
    expect(ran).toEqual([]);

    await silence(fixture, "first");
    const afterwards = again().createWorker({ handlers: { t } });
    await afterwards.runUntilIdle();
    await afterwards.stop();
    expect(ran).toEqual([head.task.id, follower.task.id]);
    held.end();
    await first.stop();
  });

  it.each([
    [{ token: "xoxb-1" }, "token"],
    [{ bot: { access_token: "xoxb-1" } }, "bot.access_token"],
    [{ headers: [{ authorization: "Bearer x" }] }, "headers.0.authorization"],
  ])("secrets: %j is not stored in dispatch_config, and the field is named", async (config, field) => {
    const { tasks, dispatchers, count } = await fixtures.open(engine);
    dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    for (const target of [{ dispatch_type: "test" }, { dispatch_type: "later", strict: false }]) {
      const refused = tasks.enqueue({ prompt: "x", ...target, dispatch_config: config });
      await expect(refused).rejects.toMatchObject({
        code: "DISPATCH_TARGET_INVALID",
        details: { issues: [{ field: `dispatch_config.${field}` }] },
      });
      await expect(refused).rejects.not.toThrow(/xoxb-1|Bearer x/);
    }
    expect(await count("task")).toBe(0);
  });

  it("secrets: a token in what resolveTarget finds is refused just the same", async () => {
    const { tasks, dispatchers, count } = await fixtures.open(engine, {
      resolveTarget: async () => ({ dispatch_type: "test", dispatch_config: { token: "xoxb-1" } }),
    });
    dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    await expect(tasks.enqueue({ prompt: "x" })).rejects.toMatchObject({
      code: "DISPATCH_TARGET_INVALID",
      details: { issues: [{ field: "dispatch_config.token" }] },
    });
    expect(await count("task")).toBe(0);
  });

  it("dispatch type: it stands in one place, so a target without it is refused rather than sent nowhere", async () => {
    const { tasks, dispatchers, count } = await fixtures.open(engine, {
      resolveTarget: async () => ({ dispatch_type: "test", dispatch_config: {} }),
    });
    dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    await expect(
      tasks.enqueue({ prompt: "x", dispatch_config: { type: "test", room: 1 } }),
    ).rejects.toMatchObject({
      code: "TASK_INVALID",
      details: { issues: [{ field: "dispatch_type" }] },
    });
    expect(await count("task")).toBe(0);
    const { task } = await tasks.enqueue({
      prompt: "x",
      dispatch_type: "test",
      dispatch_config: { room: 1 },
    });
    expect(await tasks.get(task.id)).toMatchObject({ dispatch_type: "test", dispatch_config: { room: 1 } });
  });
});

/** A handler that ends when it is told to. */
function heldRun(result: string): {
  readonly handler: TaskHandler;
  readonly begun: Promise<void>;
  end(): void;
} {
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<string>();
  return {
    begun: begun.promise,
    end: () => gate.resolve(result),
    handler: () => {
      begun.resolve();
      return gate.promise;
    },
  };
}
