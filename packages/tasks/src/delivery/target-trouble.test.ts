import { testEngines } from "@core/database/testing";
import type { DeliveryContext, DeliveryOutcome } from "@core/registry";
import { delivered, permanent, retryable, silentLogger } from "@core/registry";
import { createRecordingLogger } from "@core/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { claimDeliveries } from "./delivery-claim.ts";
import { registerWorker } from "../lease/worker-row.ts";
import type { Tasks } from "../tasks.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import { passTime } from "../testing/pass-time.ts";
import { recoveryDeps } from "../testing/recovery-deps.ts";
import { silence } from "../testing/silence.ts";
import { recoverOrphans } from "../worker/recovery.ts";
import { keepUp } from "../worker/upkeep.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const broken = retryable({ code: "http_500", message: "Broken." });

describe.each(testEngines)("a target in trouble on %s", (engine) => {
  it("is left alone after five failures in a row, by every worker, and no attempt is lost by that", async () => {
    const { fixture, calls } = await setUp(engine, () => broken);
    await send(fixture.tasks, "bad", 8);
    await deliverAll(fixture.tasks);
    const made = calls.length;
    await deliverAll(fixture.again());
    expect(made).toBeGreaterThanOrEqual(5);
    expect(calls).toHaveLength(made);
    const { items } = await fixture.tasks.deliveries.list();
    expect(items.reduce((sum, { attempt }) => sum + attempt, 0)).toBe(made);
  });

  it("is tried once when its time is over: a failure leaves it alone for longer, an answer lets all go on", async () => {
    let outcome: DeliveryOutcome = broken;
    const { fixture, calls } = await setUp(engine, () => outcome);
    await send(fixture.tasks, "bad", 8);
    await deliverAll(fixture.tasks);
    const opened = calls.length;
    await passTime(fixture.database, 600_000, { schema: fixture.schema });
    await deliverAll(fixture.tasks);
    expect(calls).toHaveLength(opened + 1);

    outcome = delivered();
    await passTime(fixture.database, 600_000, { schema: fixture.schema });
    await deliverAll(fixture.tasks);
    const { items } = await fixture.tasks.deliveries.list();
    expect(new Set(items.map(({ state }) => state))).toEqual(new Set(["delivered"]));
    expect(await troubled(fixture)).toEqual([]);
  });

  it("keeps nothing from others, and a refusal of a payload is none of its failures", async () => {
    const { fixture, calls } = await setUp(engine, ({ room }) =>
      room === "good"
        ? permanent({ code: "http_400", message: "No.", answer: { status: 400, body: "" } })
        : broken,
    );
    await send(fixture.tasks, "bad", 8);
    await send(fixture.tasks, "good", 20);
    await deliverAll(fixture.tasks);
    expect(calls.filter((room) => room === "good")).toHaveLength(20);
    expect(await troubled(fixture)).toHaveLength(1);
  });

  it("is told of in the log once when it is left alone and once when it answers again", async () => {
    const logger = createRecordingLogger();
    let outcome: DeliveryOutcome = broken;
    const { fixture } = await setUp(engine, () => outcome, { logger });
    await send(fixture.tasks, "bad", 8);
    await deliverAll(fixture.tasks);
    await passTime(fixture.database, 600_000, { schema: fixture.schema });
    await deliverAll(fixture.tasks);
    outcome = delivered();
    await passTime(fixture.database, 600_000, { schema: fixture.schema });
    await deliverAll(fixture.tasks);
    const told = logger.entries
      .map(({ message }) => message)
      .filter((message) => message.startsWith("A target"));
    expect(told.map((message) => message.includes("again and again"))).toEqual([true, false]);
  });

  it("that asked for a pause gets it from all its deliveries and all workers", async () => {
    const { fixture, calls } = await setUp(engine, () => retryable({ ...broken, retryAfterMs: 3_600_000 }));
    await send(fixture.tasks, "busy", 20);
    const first = fixture.tasks.createWorker({ handlers: {}, deliveriesPerTarget: 1 });
    await first.runUntilIdle();
    await first.stop();
    await deliverAll(fixture.again());
    expect(calls).toHaveLength(1);
    const { items } = await fixture.tasks.deliveries.list();
    expect(items.reduce((sum, { attempt }) => sum + attempt, 0)).toBe(1);
  });

  it("that had asked for a pause is not called earlier because another attempt got through", async () => {
    let number = 0;
    const gate = Promise.withResolvers<DeliveryOutcome>();
    const { fixture, calls } = await setUp(engine, () => {
      number += 1;
      return number === 1 ? gate.promise : retryable({ ...broken, retryAfterMs: 3_600_000 });
    });
    await send(fixture.tasks, "busy", 6);
    const worker = fixture.tasks.createWorker({
      handlers: {},
      deliveryConcurrency: 2,
      deliveriesPerTarget: 2,
    });
    await worker.tick();
    await expect.poll(() => troubled(fixture)).toHaveLength(1);
    gate.resolve(delivered());
    await worker.runUntilIdle();
    await worker.stop();
    expect(calls).toHaveLength(2);
    expect(await troubled(fixture)).toHaveLength(1);
  });

  it("is probed by another worker at once when the one that was to find out stops", async () => {
    let isLast = false;
    const { fixture, calls } = await setUp(engine, (_target, { signal }) => {
      if (!isLast) return broken;
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(broken));
      });
    });
    await send(fixture.tasks, "bad", 8);
    await deliverAll(fixture.tasks);
    const opened = calls.length;
    await passTime(fixture.database, 600_000, { schema: fixture.schema });
    isLast = true;
    const stopping = fixture.tasks.createWorker({ handlers: {} });
    await stopping.tick();
    await stopping.stop({ graceMs: 0 });
    isLast = false;
    await deliverAll(fixture.tasks);
    expect(calls).toHaveLength(opened + 2);
  });

  it("is probed by another worker at once when the one that was to find out dies", async () => {
    const { fixture, calls } = await setUp(engine, () => broken);
    const { store, dispatchers } = fixture;
    await send(fixture.tasks, "bad", 8);
    await deliverAll(fixture.tasks);
    const opened = calls.length;
    await passTime(fixture.database, 600_000, { schema: fixture.schema });
    const dying = { taskTypes: [], dispatchTypes: ["chat"], deadAfterMs: 15_000 };
    const worker = await registerWorker(store, "dying", dying);
    expect((await claimDeliveries(store, { worker, types: ["chat"], limit: 8 })).claimed).toHaveLength(1);
    await deliverAll(fixture.tasks);
    expect(calls).toHaveLength(opened);
    await silence(fixture, "dying");
    expect(await recoverOrphans(recoveryDeps({ store, dispatchers }), worker)).toBe(1);
    await deliverAll(fixture.tasks);
    expect(calls).toHaveLength(opened + 1);
  });

  it("is forgotten when nobody has called it for a day", async () => {
    const { fixture } = await setUp(engine, () => broken);
    await send(fixture.tasks, "bad", 1);
    const worker = fixture.tasks.createWorker({ handlers: {} });
    await worker.tick();
    await worker.stop();
    expect(await troubled(fixture)).toHaveLength(1);
    await sql`update ${fixture.store.table("delivery_target")} set until = null,
      touched_at = now() - interval '25 hours'`.execute(fixture.store.db);
    await keepUp(fixture.store, silentLogger);
    expect(await troubled(fixture)).toEqual([]);
  });
});

async function setUp(
  engine: (typeof testEngines)[number],
  answer: (
    target: { readonly room: string },
    context: DeliveryContext,
  ) => DeliveryOutcome | Promise<DeliveryOutcome>,
  options: Parameters<typeof fixtures.open>[1] = {},
): Promise<{ fixture: TasksFixture; calls: string[] }> {
  const fixture = await fixtures.open(engine, options);
  const calls: string[] = [];
  const recorder = recordingDispatcher(({ target }, context) => {
    const to = target as { readonly room: string };
    calls.push(to.room);
    return answer(to, context);
  });
  fixture.dispatchers.register("chat", recorder, { owner: "test" });
  return { fixture, calls };
}

async function send(tasks: Tasks, room: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const source = { kind: "message", source_id: `${room} ${n}`, payload: { text: "hi" } } as const;
    await tasks.deliveries.send({ ...source, dispatch_type: "chat", target: { room } });
  }
}

async function deliverAll(tasks: Tasks): Promise<void> {
  const worker = tasks.createWorker({ handlers: {} });
  await worker.runUntilIdle();
  await worker.stop();
}

async function troubled({ store }: TasksFixture): Promise<readonly string[]> {
  const rows = await store.db.selectFrom("delivery_target").select("target_key").execute();
  return rows.map(({ target_key: key }) => key);
}
