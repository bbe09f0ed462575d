import { testEngines } from "@core/database/testing";
import type { DeliveryOutcome } from "@core/registry";
import { createDispatcherRegistry, delivered, misconfigured, retryable } from "@core/registry";
import { afterAll, describe, expect, it } from "vitest";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import type { Worker } from "../worker/worker.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const echo = { agent: async ({ prompt }: { prompt: string | null }) => prompt };

describe.each(testEngines)("the outbox on %s", (engine) => {
  it("parks a delivery of an unknown type visibly, and sends it when a worker has the type", async () => {
    const { tasks, dispatchers, again } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({
      prompt: "x",
      dispatch_type: "late",
      dispatch_config: { room: 1 },
      strict: false,
    });
    await finish(tasks.createWorker({ handlers: echo }));
    expect(await tasks.get(task.id)).toMatchObject({
      state: "complete",
      deliveries: [{ state: "parked", park_reason: "unknown_type", attempt: 0 }],
    });

    const recorder = recordingDispatcher();
    const later = createDispatcherRegistry();
    later.register("late", recorder, { owner: "test" });
    await finish(again({ dispatchers: later }).createWorker({ handlers: {} }));
    expect(recorder.deliveries).toMatchObject([{ target: { room: 1 }, attempt: 1 }]);
    expect(dispatchers.has("late")).toBe(false);
  });

  it("parks as unavailable what is declared but not ready, and wakes it when it is", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const recorder = recordingDispatcher();
    dispatchers.declare("waiting", recorder, { owner: "test" });
    const { task } = await tasks.enqueue({
      prompt: "x",
      dispatch_type: "waiting",
      dispatch_config: { room: 1 },
    });
    await finish(tasks.createWorker({ handlers: echo }));
    expect((await tasks.get(task.id))?.deliveries).toMatchObject([
      { state: "parked", park_reason: "unavailable" },
    ]);

    dispatchers.register("waiting", recorder, { owner: "test" });
    await finish(tasks.createWorker({ handlers: {} }));
    expect((await tasks.get(task.id))?.deliveries).toMatchObject([{ state: "delivered" }]);
  });

  it("parks nothing that another live worker could send", async () => {
    const { tasks, again } = await fixtures.open(engine);
    const able = createDispatcherRegistry();
    able.register("there", recordingDispatcher(), { owner: "test" });
    const other = again({ dispatchers: able }).createWorker({ handlers: {} });
    await other.tick();
    const { task } = await tasks.enqueue({ prompt: "x", dispatch_type: "there", strict: false });
    await finish(tasks.createWorker({ handlers: echo }));
    expect((await tasks.get(task.id))?.deliveries).toMatchObject([{ state: "pending", park_reason: null }]);
    await other.stop();
  });

  it("parks a misconfigured delivery, and tries it again when a worker starts", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    let configured = false;
    const recorder = recordingDispatcher(() =>
      configured ? delivered() : misconfigured({ code: "no_token", message: "Set the token." }),
    );
    dispatchers.register("test", recorder, { owner: "test" });
    const { task } = await tasks.enqueue({ prompt: "x", dispatch_type: "test" });
    await finish(tasks.createWorker({ handlers: echo }));
    expect((await tasks.get(task.id))?.deliveries).toMatchObject([
      { state: "parked", park_reason: "misconfigured", failures: [{ code: "no_token" }] },
    ]);
    configured = true;
    await finish(tasks.createWorker({ handlers: {} }));
    expect((await tasks.get(task.id))?.deliveries).toMatchObject([{ state: "delivered" }]);
  });

  it("kills a delivery whose stored target does not fit the dispatcher it waited for", async () => {
    const { tasks, again } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({
      prompt: "x",
      dispatch_type: "late",
      dispatch_config: { wrong: 1 },
      strict: false,
    });
    await finish(tasks.createWorker({ handlers: echo }));
    const later = createDispatcherRegistry();
    const { target: _anything, ...strict } = recordingDispatcher();
    later.register("late", strict, { owner: "test" });
    await finish(again({ dispatchers: later }).createWorker({ handlers: {} }));
    expect((await tasks.get(task.id))?.deliveries).toMatchObject([
      { state: "dead", failures: [{ code: "invalid_target", message: expect.stringContaining("wrong") }] },
    ]);
  });

  it("keeps the order of a line over retries, while other lines go on", async () => {
    const { tasks, dispatchers, makeDue } = await fixtures.open(engine);
    const sent: string[] = [];
    const recorder = recordingDispatcher(
      ({ attempt, target, payload }): DeliveryOutcome => {
        const { room } = target as { room: string };
        if (room === "slow" && attempt === 1) return retryable({ code: "busy", message: "Busy." });
        sent.push(`${room} ${"result" in payload ? payload.result.text : ""}`);
        return delivered();
      },
      { idempotent: true, orderKey: (target) => (target as { room: string }).room },
    );
    dispatchers.register("chat", recorder, { owner: "test" });
    for (const text of ["1", "2", "3"]) {
      for (const room of ["slow", "fast"]) {
        await tasks.enqueue({ prompt: text, lane: room, dispatch_type: "chat", dispatch_config: { room } });
      }
    }
    for (let round = 0; round < 8; round += 1) {
      const worker = tasks.createWorker({ handlers: echo });
      await finish(worker);
      await makeDue();
    }
    expect(sent.filter((line) => line.startsWith("fast"))).toEqual(["fast 1", "fast 2", "fast 3"]);
    expect(sent.filter((line) => line.startsWith("slow"))).toEqual(["slow 1", "slow 2", "slow 3"]);
  });

  it("counts a throw as a lost answer: tried again where that is safe, held where it is not", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const fail = (): never => {
      throw new Error("socket closed");
    };
    dispatchers.register("safe", recordingDispatcher(fail), { owner: "test" });
    dispatchers.register("unsafe", recordingDispatcher(fail, {}), { owner: "test" });
    await tasks.enqueue({ prompt: "x", dispatch_type: "safe" });
    await tasks.enqueue({ prompt: "x", dispatch_type: "unsafe" });
    const worker = tasks.createWorker({ handlers: echo });
    await worker.tick();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await worker.tick();
    await worker.stop();
    const { items } = await tasks.deliveries.list();
    const unsafe = items.find((one) => one.dispatch_type === "unsafe");
    const safe = items.find((one) => one.dispatch_type === "safe");
    expect(unsafe).toMatchObject({
      state: "held",
      failures: [{ code: "answer_lost", message: "socket closed" }],
    });
    expect(safe?.failures[0]).toMatchObject({ code: "answer_lost" });
    expect(safe?.state).toBe("pending");
  });

  it("never repeats a part that the receiver has confirmed", async () => {
    const { tasks, dispatchers, makeDue } = await fixtures.open(engine);
    const parts: string[] = [];
    const recorder = recordingDispatcher(async ({ sent_parts: done, attempt }, { partSent }) => {
      for (const index of [0, 1, 2].slice(done.length)) {
        if (index === 2 && attempt === 1) return retryable({ code: "busy", message: "Busy." });
        parts.push(`part ${index}`);
        await partSent({ index, external_id: `m${index}` });
      }
      return delivered();
    });
    dispatchers.register("parts", recorder, { owner: "test" });
    await tasks.enqueue({ prompt: "x", dispatch_type: "parts" });
    const worker = tasks.createWorker({ handlers: echo });
    await worker.runUntilIdle();
    await makeDue();
    await worker.runUntilIdle();
    await worker.stop();
    expect(parts).toEqual(["part 0", "part 1", "part 2"]);
    const { items } = await tasks.deliveries.list();
    expect(items).toMatchObject([
      { state: "delivered", sent_parts: [{ index: 0 }, { index: 1 }, { index: 2 }] },
    ]);
  });

  it("gives an attempt up at its deadline", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    dispatchers.register(
      "hanging",
      recordingDispatcher(() => new Promise<DeliveryOutcome>(() => {}), {}),
      { owner: "test" },
    );
    await tasks.enqueue({ prompt: "x", dispatch_type: "hanging" });
    await finish(tasks.createWorker({ handlers: echo, deliveryTimeoutMs: 20 }));
    const { items } = await tasks.deliveries.list();
    expect(items).toMatchObject([{ state: "held", failures: [{ code: "answer_lost" }] }]);
  });

  it("asks who speaks when it sends, not when it stores", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine, {
      resolveBot: async (id) => ({ name: id, display_name: "Aria" }),
    });
    const recorder = recordingDispatcher();
    dispatchers.register("test", recorder, { owner: "test" });
    const origin = { integration: "chat", ref: { ts: "1.2" } };
    await tasks.enqueue({ prompt: "x", dispatch_type: "test", bot_id: "bot-1", origin });
    await finish(tasks.createWorker({ handlers: echo }));
    expect(recorder.deliveries).toMatchObject([{ bot: { name: "bot-1", display_name: "Aria" }, origin }]);
  });
});

async function finish(worker: Worker): Promise<void> {
  await worker.runUntilIdle();
  await worker.stop();
}
