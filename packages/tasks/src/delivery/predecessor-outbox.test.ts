import { testEngines } from "@core/database/testing";
import type { DeliveryOutcome } from "@core/registry";
import { delivered, permanent, retryable } from "@core/registry";
import { afterAll, describe, expect, it } from "vitest";
import { claimDeliveries } from "./delivery-claim.ts";
import type { DeliveryInput } from "./delivery-input.ts";
import { endOf, settleDeliveries } from "./delivery-settlement.ts";
import { verdictOf } from "./delivery-verdict.ts";
import { registerWorker } from "../lease/worker-row.ts";
import type { Tasks } from "../tasks.ts";
import { recoveryDeps } from "../testing/recovery-deps.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import { recoverOrphans } from "../worker/recovery.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const advert = { taskTypes: [], dispatchTypes: ["chat"], deadAfterMs: 15_000 };
const failure = { code: "busy", message: "Busy." };
const attempt = {
  attempt: 1,
  maxAttempts: 12,
  policy: "task_result",
  hasProgressed: false,
  canReconcile: false,
} as const;

describe.each(testEngines)("what the predecessor's outbox left open, on %s", (engine) => {
  it("sending the same again makes no second row", async () => {
    const { tasks, dispatchers, count } = await fixtures.open(engine);
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const first = await tasks.deliveries.send(toRoom("a"));
    const second = await tasks.deliveries.send(toRoom("a"));
    expect(second).toEqual({ delivery: first.delivery, created: false });
    expect([await count("delivery"), await count("body")]).toEqual([1, 1]);
  });

  it("what is delivered stays delivered, whatever a late attempt says", async () => {
    const { tasks, dispatchers, store } = await fixtures.open(engine);
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const worker = await registerWorker(store, "w", advert);
    const { delivery } = await tasks.deliveries.send(toRoom("a"));
    const { claimed } = await claimDeliveries(store, { worker, types: ["chat"], limit: 1 });
    const lease = { id: delivery.id, fence: claimed[0]?.row.fence ?? 0 };
    const end = (outcome: DeliveryOutcome) =>
      endOf(
        lease,
        1,
        outcome,
        verdictOf(outcome, attempt, () => 0),
      );
    const good = await settleDeliveries(store, worker, [end(delivered())]);
    const late = await settleDeliveries(store, worker, [end(retryable(failure))]);
    expect([good.written.size, late.written.size]).toEqual([1, 0]);
    expect(await tasks.deliveries.get(delivery.id)).toMatchObject({ state: "delivered", failures: [] });
  });

  it("a server that starts takes nothing from one that lives", async () => {
    const { tasks, dispatchers, store } = await fixtures.open(engine);
    const recorder = recordingDispatcher();
    dispatchers.register("chat", recorder, { owner: "test" });
    const worker = await registerWorker(store, "first", advert);
    const { delivery } = await tasks.deliveries.send(toRoom("a"));
    await claimDeliveries(store, { worker, types: ["chat"], limit: 1 });
    const second = await registerWorker(store, "second", advert);
    expect(await recoverOrphans(recoveryDeps({ store, dispatchers }), second)).toBe(0);
    expect(await tasks.deliveries.get(delivery.id)).toMatchObject({ state: "sending", failures: [] });
  });

  it("a retry goes on behind the parts that were sent", async () => {
    const { tasks, dispatchers, makeDue } = await fixtures.open(engine);
    const parts: number[] = [];
    const recorder = recordingDispatcher(async ({ sent_parts: done, attempt: number }, { partSent }) => {
      for (let index = done.length; index < 3; index += 1) {
        if (index === 1 && number === 1) return retryable(failure);
        parts.push(index);
        await partSent({ index });
      }
      return delivered();
    });
    dispatchers.register("chat", recorder, { owner: "test" });
    const { delivery } = await tasks.deliveries.send(toRoom("a"));
    await deliverAll(tasks);
    await makeDue();
    await deliverAll(tasks);
    expect(parts).toEqual([0, 1, 2]);
    expect(await tasks.deliveries.get(delivery.id)).toMatchObject({ state: "delivered", attempt: 2 });
  });

  it("a target that hangs keeps no place from the others", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const hanging = Promise.withResolvers<DeliveryOutcome>();
    const others = Promise.withResolvers<void>();
    let reached = 0;
    const recorder = recordingDispatcher(({ target }) => {
      if (roomOf(target) === "hanging") return hanging.promise;
      if ((reached += 1) === 20) others.resolve();
      return delivered();
    });
    dispatchers.register("chat", recorder, { owner: "test" });
    for (let n = 0; n < 20; n += 1) await tasks.deliveries.send(toRoom("hanging", n));
    for (let n = 0; n < 20; n += 1) await tasks.deliveries.send(toRoom(`room-${n}`));
    const worker = tasks.createWorker({ handlers: {}, deliveryConcurrency: 4 });
    await worker.start();
    await others.promise;
    expect(recorder.deliveries.filter(({ target }) => roomOf(target) === "hanging")).toHaveLength(1);
    hanging.resolve(delivered());
    await worker.stop();
  });

  it("no later message overtakes one that is tried again, and other lines go on", async () => {
    const { tasks, dispatchers, makeDue } = await fixtures.open(engine, { random: () => 0.9 });
    const sent: string[] = [];
    const recorder = recordingDispatcher(
      ({ target, payload, attempt: number }) => {
        const { text } = payload as { text: string };
        if (text === "a 0" && number < 3) return retryable(failure);
        sent.push(`${roomOf(target)}: ${text}`);
        return delivered();
      },
      { idempotent: true, orderKey: roomOf },
    );
    dispatchers.register("chat", recorder, { owner: "test" });
    for (const n of [0, 1]) for (const room of ["a", "b"]) await tasks.deliveries.send(toRoom(room, n));
    await deliverAll(tasks);
    const early = sent.slice();
    for (let round = 0; round < 3; round += 1) {
      await makeDue();
      await deliverAll(tasks);
    }
    expect(early.every((line) => line.startsWith("b"))).toBe(true);
    expect(sent.filter((line) => line.startsWith("b"))).toEqual(["b: b 0", "b: b 1"]);
    expect(sent.filter((line) => line.startsWith("a"))).toEqual(["a: a 0", "a: a 1"]);
  });

  it("every dispatch type is durable, and none needs a channel", async () => {
    const { tasks, dispatchers, again } = await fixtures.open(engine);
    const recorder = recordingDispatcher();
    dispatchers.register("chat", recorder, { owner: "test" });
    const { task } = await tasks.enqueue({
      type: "t",
      dispatch_type: "chat",
      dispatch_config: { room: "a" },
    });
    const dying = tasks.createWorker({ handlers: { t: async () => "done" }, deliveryConcurrency: 0 });
    await dying.runUntilIdle();
    await dying.stop();
    expect(task.channel_id).toBeNull();
    await deliverAll(again());
    expect(recorder.deliveries).toMatchObject([{ kind: "task_result", payload: { task_id: task.id } }]);
  });

  it("the time that a receiver asks for is when it is called next", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const recorder = recordingDispatcher(() => retryable({ ...failure, retryAfterMs: 3_600_000 }));
    dispatchers.register("chat", recorder, { owner: "test" });
    const { delivery } = await tasks.deliveries.send(toRoom("a"));
    await deliverAll(tasks);
    const after = await tasks.deliveries.get(delivery.id);
    expect(after?.next_at.getTime()).toBeGreaterThan(delivery.created_at.getTime() + 3_500_000);
    expect(recorder.deliveries).toHaveLength(1);
  });

  it("dead letters are listed, sent again and removed", async () => {
    const { tasks, dispatchers, count } = await fixtures.open(engine);
    let isOpen = false;
    const recorder = recordingDispatcher(() => (isOpen ? delivered() : permanent(failure)));
    dispatchers.register("chat", recorder, { owner: "test" });
    const { delivery } = await tasks.deliveries.send(toRoom("a"));
    await deliverAll(tasks);
    expect((await tasks.deliveries.list({ state: "dead" })).items).toMatchObject([{ id: delivery.id }]);
    isOpen = true;
    expect(await tasks.deliveries.retry(delivery.id)).toBe("pending");
    await deliverAll(tasks);
    expect(await tasks.deliveries.get(delivery.id)).toMatchObject({ state: "delivered" });
    expect(await tasks.deliveries.prune({ olderThanMs: 0 })).toBe(1);
    expect([await count("delivery"), await count("body")]).toEqual([0, 0]);
  });

  it("no token is stored in a target", async () => {
    const { tasks, dispatchers, count } = await fixtures.open(engine);
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const input = { ...toRoom("a"), target: { room: "a", bot_token: "xoxb-1" } };
    await expect(tasks.deliveries.send(input)).rejects.toMatchObject({
      code: "DISPATCH_TARGET_INVALID",
      details: { issues: [{ field: "target.bot_token" }] },
    });
    expect(await count("delivery")).toBe(0);
  });
});

function toRoom(room: string, n = 0): DeliveryInput {
  const text = `${room} ${n}`;
  return { kind: "message", source_id: text, payload: { text }, dispatch_type: "chat", target: { room } };
}

function roomOf(target: unknown): string {
  return (target as { readonly room: string }).room;
}

async function deliverAll(tasks: Tasks): Promise<void> {
  const worker = tasks.createWorker({ handlers: {} });
  await worker.runUntilIdle();
  await worker.stop();
}
