import { testEngines } from "@core/database/testing";
import type { DeliveryOutcome, Dispatcher } from "@core/registry";
import { ambiguous, delivered, parseTarget, permanent } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import type { DeliveryInput } from "./delivery-input.ts";
import type { DeliveryState } from "./delivery-record.ts";
import type { Tasks } from "../tasks.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const failure = { code: "no", message: "No." };
/** Takes `{ room }` with a text alone, and adds what was left out. */
const strict: NonNullable<Dispatcher["target"]> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate(value) {
      const { room, thread = "main", ...rest } = value as Record<string, unknown>;
      if (typeof room === "string" && Object.keys(rest).length === 0) return { value: { room, thread } };
      return { issues: [{ message: "Give a room and nothing else.", path: ["room"] }] };
    },
  },
};

describe.each(testEngines)("sending on %s", (engine) => {
  it("carries any payload, and stores one for many targets once", async () => {
    const { tasks, dispatchers, count } = await fixtures.open(engine);
    const recorder = recordingDispatcher();
    dispatchers.register("chat", recorder, { owner: "test" });
    const event = { kind: "webhook_event", source_id: "e1", payload: { event: "x", data: [1] } } as const;
    const rooms = ["a", "b", "c"].map((room) => ({ dispatch_type: "chat", target: { room } }));
    const receipts = await tasks.deliveries.sendMany(event, rooms);
    expect(receipts.map(({ delivery }) => delivery.target)).toEqual(rooms.map(({ target }) => target));
    expect([await count("delivery"), await count("body")]).toEqual([3, 1]);
    await deliverAll(tasks);
    expect(recorder.deliveries.map(({ payload }) => payload)).toEqual(Array(3).fill(event.payload));
    expect(recorder.deliveries[0]?.kind).toBe("webhook_event");
  });

  it("adds the targets that are new, and gives the others back as they are", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const message = { kind: "message", source_id: "m", payload: { text: "hi" } } as const;
    const [a, b] = ["a", "b"].map((room) => ({ dispatch_type: "chat", target: { room } }));
    const [first] = await tasks.deliveries.sendMany(message, a ? [a] : []);
    const again = await tasks.deliveries.sendMany(message, a && b ? [b, a] : []);
    expect(again.map(({ created }) => created)).toEqual([true, false]);
    expect(again[1]?.delivery).toEqual(first?.delivery);
  });

  it("stores what the schema makes of a target, and that schema takes it as it is stored", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const recorder = recordingDispatcher(undefined, { idempotent: true, target: strict });
    dispatchers.register("chat", recorder, { owner: "test" });
    const { delivery } = await tasks.deliveries.send(toRoom("a"));
    expect(await parseTarget(recorder, delivery.target)).toEqual({ ok: true, target: delivery.target });
    await deliverAll(tasks);
    expect(recorder.deliveries).toMatchObject([{ target: { room: "a", thread: "main" } }]);
    const wrong = { ...toRoom("a"), target: { rom: "a" } };
    await expect(tasks.deliveries.send(wrong)).rejects.toMatchObject({
      code: "DISPATCH_TARGET_INVALID",
      details: { issues: [{ field: "target.room" }] },
    });
  });

  it("exists if and only if the caller's transaction commits", async () => {
    const { tasks, dispatchers, store, count } = await fixtures.open(engine);
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const undone = store.database.kysely.transaction().execute(async (trx) => {
      await tasks.deliveries.send(toRoom("a"), { trx });
      throw new Error("undone");
    });
    await expect(undone).rejects.toThrow("undone");
    expect(await count("delivery")).toBe(0);
    const { delivery } = await store.database.kysely
      .transaction()
      .execute((trx) => tasks.deliveries.send(toRoom("a"), { trx }));
    expect(await tasks.deliveries.get(delivery.id)).toEqual(delivery);
  });

  it("names every field that is wrong", async () => {
    const { tasks, dispatchers, count } = await fixtures.open(engine);
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const wrong = { ...toRoom("a"), source_id: "", policy: "often", colour: 1 } as unknown as DeliveryInput;
    await expect(tasks.deliveries.send(wrong)).rejects.toMatchObject({
      code: "DELIVERY_INVALID",
      details: { issues: [{ field: "source_id" }, { field: "colour" }, { field: "policy" }] },
    });
    for (const [change, code] of [
      [{ payload: { no: "text" } }, "DELIVERY_INVALID"],
      [{ dispatch_type: "none" }, "DELIVERY_INVALID"],
      [{ dispatch_type: "nobody" }, "DISPATCH_TYPE_UNKNOWN"],
    ] as const) {
      await expect(tasks.deliveries.send({ ...toRoom("a"), ...change })).rejects.toMatchObject({ code });
    }
    expect(await count("body")).toBe(0);
  });

  it("may stand in a line of the sender's choice", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    dispatchers.register(
      "chat",
      recordingDispatcher(() => permanent(failure)),
      { owner: "test" },
    );
    for (const n of [0, 1]) await tasks.deliveries.send({ ...toRoom(`room-${n}`), order: "one" });
    const worker = tasks.createWorker({ handlers: {} });
    expect(await worker.tick()).toBe(1);
    await worker.runUntilIdle();
    await worker.stop();
    expect(await statesOf(tasks)).toEqual(["dead", "dead"]);
  });
});

describe.each(testEngines)("deliveries on %s", (engine) => {
  it("are listed by state, kind, type, task and target", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    dispatchers.register("mail", recordingDispatcher(), { owner: "test" });
    const task_id = "01920000-0000-7000-8000-000000000001";
    const { delivery } = await tasks.deliveries.send({ ...toRoom("a"), task_id });
    await tasks.deliveries.send({ ...toRoom("b"), dispatch_type: "mail" });
    const { target_key } = delivery;
    const found = [
      { task_id },
      { dispatch_type: "chat" },
      { target_key },
      { target_key, kind: "message" as const },
    ];
    for (const filter of found) {
      expect((await tasks.deliveries.list(filter)).items.map(({ id }) => id)).toEqual([delivery.id]);
    }
    const nothing = [
      { task_id: "no uuid" },
      { kind: "mirror" as const },
      { state: "dead" as const, target_key },
    ];
    for (const filter of nothing) expect((await tasks.deliveries.list(filter)).items).toEqual([]);
  });

  it("are sent again by hand where that is to be decided, with all their attempts", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    const ids = await inEveryState(fixture);
    const answers = await Promise.all(
      Object.entries(ids).map(async ([state, id]) => [state, await tasks.deliveries.retry(id)]),
    );
    expect(Object.fromEntries(answers)).toEqual({
      pending: "refused",
      delivered: "refused",
      skipped: "refused",
      dead: "pending",
      held: "pending",
      parked: "pending",
    });
    expect(await tasks.deliveries.get(ids.dead)).toMatchObject({ state: "pending", attempt: 0 });
    expect(await tasks.deliveries.retry("01920000-0000-7000-8000-000000000001")).toBe("unknown");
    expect(await tasks.deliveries.retry("no uuid")).toBe("unknown");
  });

  it("count as delivered when a person says so of a held one, and of no other", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    const ids = await inEveryState(fixture);
    expect(await tasks.deliveries.retry(ids.held, { asSent: true })).toBe("delivered");
    expect(await tasks.deliveries.retry(ids.dead, { asSent: true })).toBe("refused");
    expect(await tasks.deliveries.get(ids.held)).toMatchObject({
      state: "delivered",
      delivered_at: expect.any(Date),
    });
    expect(await tasks.deliveries.get(ids.dead)).toMatchObject({ state: "dead" });
  });

  it("that were held are sent without asking when a person says so", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    let answer: DeliveryOutcome = ambiguous(failure);
    const recorder = recordingDispatcher(() => answer, {});
    dispatchers.register("chat", recorder, { owner: "test" });
    const { delivery } = await tasks.deliveries.send(toRoom("a"));
    await deliverAll(tasks);
    expect(await statesOf(tasks)).toEqual(["held"]);
    answer = delivered();
    await tasks.deliveries.retry(delivery.id);
    await deliverAll(tasks);
    expect(await statesOf(tasks)).toEqual(["delivered"]);
    expect(recorder.deliveries).toHaveLength(2);
  });

  it("are sent again together, in batches, by a selection", async () => {
    const { tasks, dispatchers, store } = await fixtures.open(engine);
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const rooms = Array.from({ length: 1_200 }, (_, n) => ({ dispatch_type: "chat", target: { room: n } }));
    await tasks.deliveries.sendMany({ kind: "message", source_id: "m", payload: { text: "hi" } }, rooms);
    await tasks.deliveries.send({ ...toRoom("a"), kind: "mirror", payload: { text: "hi", source: "s" } });
    await sql`update ${store.table("delivery")} set state = 'dead', park_reason = null`.execute(store.db);
    expect(await tasks.deliveries.retryAll({ kind: "message" })).toBe(1_200);
    expect((await tasks.deliveries.list({ state: "dead" })).items).toMatchObject([{ kind: "mirror" }]);
    expect(await tasks.deliveries.retryAll()).toBe(1);
    expect(await tasks.deliveries.retryAll({ state: "held" })).toBe(0);
  });

  it("are removed when they are old, with their payloads, but dead ones only when named", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, count } = fixture;
    await inEveryState(fixture);
    expect(await tasks.deliveries.prune({ olderThanMs: 3_600_000 })).toBe(0);
    expect(await tasks.deliveries.prune({ olderThanMs: 0 })).toBe(2);
    expect((await statesOf(tasks)).toSorted()).toEqual(["dead", "held", "parked", "pending"]);
    expect(await count("body")).toBe(4);
    expect(await tasks.deliveries.prune({ olderThanMs: 0, states: ["dead"] })).toBe(1);
    const wrong = tasks.deliveries.prune({ olderThanMs: -1, states: ["held" as "dead"] });
    await expect(wrong).rejects.toMatchObject({ code: "OPTIONS_INVALID" });
  });

  it("leave a task its result when they are removed", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const { task } = await tasks.enqueue({ type: "t", dispatch_type: "chat" });
    const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.deliveries.prune({ olderThanMs: 0 })).toBe(1);
    expect(await tasks.get(task.id)).toMatchObject({ result: "done", deliveries: [] });
  });

  it("share a payload until the last of them is removed", async () => {
    const { tasks, dispatchers, store, count } = await fixtures.open(engine);
    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const rooms = ["a", "b"].map((room) => ({ dispatch_type: "chat", target: { room } }));
    await tasks.deliveries.sendMany({ kind: "message", source_id: "m", payload: { text: "hi" } }, rooms);
    await sql`update ${store.table("delivery")} set state = 'skipped', park_reason = null where target->>'room' = 'a'`.execute(
      store.db,
    );
    expect([await tasks.deliveries.prune({ olderThanMs: 0 }), await count("body")]).toEqual([1, 1]);
  });
});

/** One delivery in each state that a test can bring it to by hand. */
async function inEveryState({ tasks, dispatchers, store }: TasksFixture) {
  dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
  const idIn = async (state: DeliveryState): Promise<string> => {
    const { delivery } = await tasks.deliveries.send(toRoom(state));
    await sql`update ${store.table("delivery")} set state = ${state}, attempt = 3,
      park_reason = ${state === "parked" ? "misconfigured" : null},
      delivered_at = ${state === "delivered" ? sql`now()` : null} where id = ${delivery.id}::uuid`.execute(
      store.db,
    );
    return delivery.id;
  };
  return {
    pending: await idIn("pending"),
    delivered: await idIn("delivered"),
    skipped: await idIn("skipped"),
    dead: await idIn("dead"),
    held: await idIn("held"),
    parked: await idIn("parked"),
  };
}

function toRoom(room: string): DeliveryInput {
  return {
    kind: "message",
    source_id: room,
    payload: { text: room },
    dispatch_type: "chat",
    target: { room },
  };
}

async function statesOf(tasks: Tasks): Promise<readonly DeliveryState[]> {
  return (await tasks.deliveries.list()).items.map(({ state }) => state);
}

async function deliverAll(tasks: Tasks): Promise<void> {
  const worker = tasks.createWorker({ handlers: {} });
  await worker.runUntilIdle();
  await worker.stop();
}
