import { testEngines } from "@core/database/testing";
import type { Delivery } from "@core/registry";
import { createDispatcherRegistry, delivered, permanent, retryable } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { DeliveryInput } from "../delivery/delivery-input.ts";
import { HELD_LINE_MS } from "../delivery/delivery-verdict.ts";
import type { Tasks } from "../tasks.ts";
import { passTime } from "../testing/pass-time.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

/** Long enough that nothing in a test happens because somebody looked again. */
const neverPolls = { pollMs: 600_000, heartbeatMs: 600_000, deadAfterMs: 1_800_000 };

describe.each(testEngines)("a worker's deliveries on %s", (engine) => {
  it("begin when they are sent, when they are due and when they are retried, without a poll", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const arrived = arrivals();
    dispatchers.register("chat", arrived.dispatcher, { owner: "test" });
    await start(tasks);
    await tasks.deliveries.send(message("now"));
    await arrived.of("now");
    await tasks.deliveries.send({ ...message("later"), delay_ms: 30 });
    await arrived.of("later");
    const { delivery } = await tasks.deliveries.send({ ...message("dead"), target: { fails: true } });
    await arrived.of("dead");
    await vi.waitFor(async () => expect(await tasks.deliveries.retry(delivery.id)).toBe("pending"));
    await arrived.of("dead", 2);
  });

  it("begin at once when a task has ended that another worker of the process ran", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const arrived = arrivals();
    dispatchers.register("chat", arrived.dispatcher, { owner: "test" });
    await start(tasks);
    const runner = tasks.createWorker({
      ...neverPolls,
      handlers: { t: async () => "done" },
      deliveryConcurrency: 0,
    });
    onTestFinished(() => runner.stop());
    await runner.start();
    await tasks.enqueue({ type: "t", dispatch_type: "chat" });
    await arrived.of("done");
    expect(arrived.texts()).toEqual(["done"]);
  });

  it("go on in their line as soon as the one before is at its end, dead or delivered", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const arrived = arrivals();
    dispatchers.register("chat", arrived.dispatcher, { owner: "test" });
    await start(tasks);
    for (const n of [0, 1, 2]) {
      await tasks.deliveries.send({ ...message(`m${n}`), order: "line", target: { fails: n === 0 } });
    }
    await arrived.of("m2");
    expect(arrived.texts()).toEqual(["m0", "m1", "m2"]);
  });

  it("wait for a held one of their line for its time, and then go on without it", async () => {
    const { tasks, dispatchers, store, database, schema } = await fixtures.open(engine);
    const recorder = recordingDispatcher();
    dispatchers.register("chat", recorder, { owner: "test" });
    for (const n of [0, 1]) await tasks.deliveries.send({ ...message(`m${n}`), order: "line" });
    await sql`update ${store.table("delivery")} set state = 'held', park_reason = null,
      next_at = now() + ${HELD_LINE_MS}::float8 * interval '1 millisecond' where source_id = 'm0'`.execute(
      store.db,
    );
    await deliverAll(tasks);
    expect(recorder.deliveries).toEqual([]);
    await passTime(database, HELD_LINE_MS, { schema });
    await deliverAll(tasks);
    expect(recorder.deliveries).toMatchObject([{ payload: { text: "m1" } }]);
  });

  it("go on as soon as a target that asked for a pause answers, without a poll", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    let isBusy = true;
    const recorder = recordingDispatcher(({ payload }) => {
      if (!isBusy || textOf(payload) === "good") return delivered();
      isBusy = false;
      return retryable({ code: "http_429", message: "Later.", retryAfterMs: 100 });
    });
    dispatchers.register("chat", recorder, { owner: "test" });
    for (let n = 0; n < 30; n += 1) await tasks.deliveries.send(message(`m${n}`));
    await tasks.deliveries.send({ ...message("good"), target: { room: "good" } });
    await start(tasks, { deliveriesPerTarget: 1 });
    await vi.waitFor(() => expect(recorder.deliveries).toHaveLength(32), { timeout: 20_000 });
  });

  it("do not stand behind those of a target that hangs, which go on when it answers", async () => {
    const { tasks, dispatchers, store } = await fixtures.open(engine);
    const gate = Promise.withResolvers<void>();
    const recorder = recordingDispatcher(async ({ payload }) => {
      if (textOf(payload).startsWith("slow")) await gate.promise;
      return delivered();
    });
    dispatchers.register("chat", recorder, { owner: "test" });
    for (let n = 0; n < 30; n += 1)
      await tasks.deliveries.send({ ...message(`slow ${n}`), target: { n: 0 } });
    await start(tasks, { deliveriesPerTarget: 2 });
    const aside = async (): Promise<number> => {
      await tasks.deliveries.send({ ...message(crypto.randomUUID()), target: { room: "good" } });
      return (await store.db.selectFrom("delivery").select("id").where("set_aside", "=", true).execute())
        .length;
    };
    await vi.waitFor(async () => expect(await aside()).toBeGreaterThan(5), { timeout: 20_000 });
    gate.resolve();
    const isSlow = ({ payload }: Delivery): boolean => textOf(payload).startsWith("slow");
    await vi.waitFor(() => expect(recorder.deliveries.filter(isSlow)).toHaveLength(30), { timeout: 20_000 });
  });

  it("are dead at once when what is stored of them makes no sense, and say why", async () => {
    const { tasks, dispatchers, store } = await fixtures.open(engine);
    const recorder = recordingDispatcher();
    dispatchers.register("chat", recorder, { owner: "test" });
    await tasks.deliveries.send(message("m"));
    await sql`update ${store.table("body")} set content = '["garbage"]'`.execute(store.db);
    await deliverAll(tasks);
    expect((await tasks.deliveries.list()).items).toMatchObject([
      {
        state: "dead",
        attempt: 1,
        failures: [{ code: "invalid_payload", message: expect.stringContaining('"text"') }],
      },
    ]);
    expect(recorder.deliveries).toEqual([]);
  });

  it("may be deleted while they are being sent", async () => {
    const { tasks, dispatchers, store } = await fixtures.open(engine);
    const recorder = recordingDispatcher(async (_delivery, { partSent }) => {
      await sql`delete from ${store.table("delivery")} where source_id = 'm'`.execute(store.db);
      await partSent({ index: 0 }).catch(() => undefined);
      return delivered();
    });
    dispatchers.register("chat", recorder, { owner: "test" });
    await tasks.deliveries.send(message("m"));
    await deliverAll(tasks);
    expect((await tasks.deliveries.list()).items).toEqual([]);
    await tasks.deliveries.send(message("next"));
    await deliverAll(tasks);
    expect(recorder.deliveries).toHaveLength(2);
  });

  it("are claimed ahead only where every receiver drops duplicates", async () => {
    const { tasks, dispatchers, store } = await fixtures.open(engine);
    const gates = Array.from({ length: 2 }, () => Promise.withResolvers<void>());
    let calls = 0;
    const recorder = recordingDispatcher(async () => {
      calls += 1;
      if (calls === 3) gates[0]?.resolve();
      if (calls > 2) await gates[1]?.promise;
      return delivered();
    }, {});
    dispatchers.register("chat", recorder, { owner: "test" });
    for (let n = 0; n < 20; n += 1) await tasks.deliveries.send({ ...message(`m${n}`), target: { room: n } });
    const worker = await start(tasks, { deliveryConcurrency: 1 });
    await gates[0]?.promise;
    await vi.waitFor(() => expect(worker.stats().deliveriesInHand).toBe(1));
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${store.table("delivery")}
      where state = 'sending'`.execute(store.db);
    expect(rows[0]?.n).toBe(1);
    gates[1]?.resolve();
  });

  it("that were claimed ahead go back uncounted when the worker stops", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const gate = Promise.withResolvers<void>();
    const recorder = recordingDispatcher(async ({ payload }) => {
      if (textOf(payload) !== "first") await gate.promise;
      return delivered();
    });
    dispatchers.register("chat", recorder, { owner: "test" });
    const worker = tasks.createWorker({ handlers: {}, deliveryConcurrency: 2, deliveriesPerTarget: 1 });
    await tasks.deliveries.send(message("first"));
    await worker.runUntilIdle();
    for (const n of [0, 1, 2]) await tasks.deliveries.send(message(`m${n}`));
    expect(await worker.tick()).toBe(3);
    const stopped = worker.stop();
    gate.resolve();
    await stopped;
    const { items } = await tasks.deliveries.list();
    expect(items.map(({ state, attempt }) => `${state} ${attempt}`).toSorted()).toEqual([
      "delivered 1",
      "delivered 1",
      "pending 0",
      "pending 0",
    ]);
  });
});

it("a worker that only delivers rests when there is nothing to deliver", async () => {
  const { tasks } = await fixtures.open("pglite", { dispatchers: createDispatcherRegistry() });
  const worker = await start(tasks);
  const turns = vi.spyOn(globalThis, "setImmediate");
  onTestFinished(() => turns.mockRestore());
  const own = 50;
  for (let n = 0; n < own; n += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(turns.mock.calls.length - own).toBeLessThan(10);
  await worker.stop();
});

/** A receiver of which a test can wait for a text, and that refuses what is meant to fail. */
function arrivals() {
  const recorder = recordingDispatcher(({ target }) =>
    (target as { readonly fails?: boolean }).fails === true
      ? permanent({ code: "no", message: "No." })
      : delivered(),
  );
  const texts = (): readonly string[] => recorder.deliveries.map((one) => textOf(one.payload));
  const of = (text: string, times = 1): Promise<void> =>
    vi.waitFor(() => expect(texts().filter((one) => one === text)).toHaveLength(times), { timeout: 20_000 });
  return { dispatcher: recorder, texts, of };
}

function textOf(payload: object): string {
  if ("text" in payload) return String(payload.text);
  return "result" in payload ? (payload.result as { readonly text: string }).text : "";
}

function message(text: string): DeliveryInput {
  return { kind: "message", source_id: text, payload: { text }, dispatch_type: "chat", target: {} };
}

async function start(
  tasks: Tasks,
  more: { readonly deliveryConcurrency?: number; readonly deliveriesPerTarget?: number } = {},
) {
  const worker = tasks.createWorker({ ...neverPolls, ...more, handlers: {} });
  onTestFinished(() => worker.stop());
  await worker.start();
  return worker;
}

async function deliverAll(tasks: Tasks): Promise<void> {
  const worker = tasks.createWorker({ handlers: {} });
  await worker.runUntilIdle();
  await worker.stop();
}
