import { testEngines } from "@core/database/testing";
import { createDispatcherRegistry, delivered, permanent, silentLogger, systemClock } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { jsonDigest } from "../store/canonical-json.ts";
import type { ClaimedDelivery } from "./delivery-claim.ts";
import { claimDeliveries } from "./delivery-claim.ts";
import type { DeliveryRunDeps } from "./delivery-run.ts";
import { runDelivery } from "./delivery-run.ts";
import { settleDeliveries } from "./delivery-settlement.ts";
import { recoverOrphans } from "../worker/recovery.ts";
import type { Lease, WorkerIdentity } from "../lease/lease.ts";
import { recoveryDeps } from "../testing/recovery-deps.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import { registerWorker } from "../lease/worker-row.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const types = ["test"];
const advert = { taskTypes: [], dispatchTypes: types, deadAfterMs: 15_000 };
const still = new AbortController().signal;

describe.each(testEngines)("a claimed delivery on %s", (engine) => {
  it("goes back unharmed when its dispatcher went away after the claim", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, dispatchers } = fixture;
    const recorder = recordingDispatcher();
    const unregister = dispatchers.register("test", recorder, { owner: "test" });
    const { claimed } = await claimOne(fixture);
    unregister();
    await runDelivery(claimed, still, depsOf(fixture, claimed.lease));
    expect((await tasks.deliveries.list()).items).toMatchObject([
      { state: "pending", attempt: 0, failures: [] },
    ]);

    await finish(fixture);
    expect((await tasks.deliveries.list()).items).toMatchObject([
      { state: "parked", park_reason: "unknown_type" },
    ]);
    dispatchers.register("test", recorder, { owner: "test" });
    await finish(fixture);
    expect(recorder.deliveries).toHaveLength(1);
  });

  it("keeps its outcome when the database refuses the details", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, dispatchers, store } = fixture;
    await sql`alter table ${store.table("delivery")} add check (length(external_ids::text) < 1000)`.execute(
      store.db,
    );
    const outcome = delivered({ externalIds: ["x".repeat(1_000)] });
    dispatchers.register(
      "test",
      recordingDispatcher(() => outcome),
      { owner: "test" },
    );
    const { claimed } = await claimOne(fixture);
    await runDelivery(claimed, still, depsOf(fixture, claimed.lease));
    expect((await tasks.deliveries.list()).items).toMatchObject([{ state: "delivered", external_ids: [] }]);
  });

  it("stores what a receiver said in a form that the database takes", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, dispatchers } = fixture;
    const answer = { status: 400, body: "\u0000no" };
    const outcome = permanent({ code: "c\ud800", message: "\u0000", answer });
    dispatchers.register(
      "test",
      recordingDispatcher(() => outcome),
      { owner: "test" },
    );
    const { claimed } = await claimOne(fixture);
    await runDelivery(claimed, still, depsOf(fixture, claimed.lease));
    expect((await tasks.deliveries.list()).items).toMatchObject([
      { state: "dead", answer: { body: "\uFFFDno" }, failures: [{ code: "c\uFFFD", message: "\uFFFD" }] },
    ]);
  });

  it("is held, not sent for ever, when workers keep dying of it", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, dispatchers, store } = fixture;
    dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    const { worker } = await claimOne(fixture);
    await sql`update ${store.table("delivery")} set max_attempts = 2`.execute(store.db);
    await registerWorker(store, "w", advert);
    await recoverOrphans(recoveryDeps(fixture), worker);
    expect((await tasks.deliveries.list()).items).toMatchObject([
      { state: "pending", failures: [{ attempt: 1, code: "lease_lost" }] },
    ]);

    const next = { ...worker, epoch: worker.epoch + 1 };
    const [second] = (await claimDeliveries(store, { worker: next, types, limit: 1 })).claimed;
    expect(second?.row.attempt).toBe(2);
    await registerWorker(store, "w", advert);
    await recoverOrphans(recoveryDeps(fixture), worker);
    const [held] = (await tasks.deliveries.list()).items;
    expect(held).toMatchObject({
      state: "held",
      attempt: 2,
      failures: [{ attempt: 1 }, { attempt: 2, message: expect.any(String) }],
    });
  });
});

describe.each(testEngines)("the line of a delivery on %s", (engine) => {
  it("is found when the task is made: a dispatcher that cannot tell it refuses the target", async () => {
    const { tasks, dispatchers, count } = await fixtures.open(engine);
    const orderKey = (): never => {
      throw new Error("no room");
    };
    dispatchers.register("test", recordingDispatcher(undefined, { orderKey }), { owner: "test" });
    await expect(tasks.enqueue({ type: "t", dispatch_type: "test" })).rejects.toMatchObject({
      code: "DISPATCH_TARGET_INVALID",
      details: { issues: [{ field: "dispatch_config", message: expect.stringContaining("no room") }] },
    });
    expect(await count("task")).toBe(0);
  });

  it("is kept when a server that does not know the dispatcher ends the task", async () => {
    const { tasks, dispatchers, again, store } = await fixtures.open(engine);
    const recorder = recordingDispatcher(undefined, { orderKey: () => "room" });
    dispatchers.register("test", recorder, { owner: "test" });
    await tasks.enqueue({ type: "t", dispatch_type: "test" });
    const elsewhere = again({ dispatchers: createDispatcherRegistry() });
    const worker = elsewhere.createWorker({ handlers: { t: async () => "done" } });
    await worker.runUntilIdle();
    await worker.stop();
    const rows = await store.db.selectFrom("delivery").select("order_key").execute();
    expect(rows).toEqual([{ order_key: "test:room" }]);
  });

  it.each([
    ["long", Array.from({ length: 200 }, (_, n) => jsonDigest(n)).join("")],
    ["odd", "a\u0000\ud800"],
  ])("may have a %s name", async (_what, key) => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const recorder = recordingDispatcher(undefined, { idempotent: true, orderKey: () => key });
    dispatchers.register("test", recorder, { owner: "test" });
    for (const payload of [1, 2]) await tasks.enqueue({ type: "t", payload, dispatch_type: "test" });
    const worker = tasks.createWorker({ concurrency: 1, handlers: { t: async ({ payload }) => payload } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(recorder.deliveries).toHaveLength(2);
  });

  it("has one delivery under way, also when an earlier one wakes behind it", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, dispatchers, store } = fixture;
    dispatchers.register("test", recordingDispatcher(undefined, { orderKey: () => "room" }), {
      owner: "test",
    });
    const { worker } = await claimOne(fixture, 2, async () => {
      const { items } = await tasks.deliveries.list();
      await sql`update ${store.table("delivery")} set state = 'parked', park_reason = 'misconfigured'
        where id = ${items[1]?.id ?? ""}::uuid`.execute(store.db);
    });
    await sql`update ${store.table("delivery")} set state = 'pending', park_reason = null where state = 'parked'`.execute(
      store.db,
    );
    expect((await claimDeliveries(store, { worker, types, limit: 10 })).claimed).toEqual([]);
    const both = sql`update ${store.table("delivery")} set state = 'sending', worker_id = 'w'`.execute(
      store.db,
    );
    await expect(both).rejects.toMatchObject({ code: "23505" });
  });
});

/** Makes some deliveries and claims one. */
async function claimOne(
  { tasks, store }: TasksFixture,
  howMany = 1,
  before: () => Promise<void> = async () => {},
): Promise<{ claimed: ClaimedDelivery; worker: WorkerIdentity }> {
  const worker = await registerWorker(store, "w", advert);
  for (let n = 0; n < howMany; n += 1) await tasks.enqueue({ type: "t", dispatch_type: "test" });
  const maker = tasks.createWorker({ handlers: { t: async () => "done" }, deliveryConcurrency: 0 });
  await maker.runUntilIdle();
  await maker.stop();
  await before();
  const [claimed] = (await claimDeliveries(store, { worker, types, limit: 1 })).claimed;
  if (claimed === undefined) throw new Error("nothing claimed");
  return { claimed, worker };
}

async function finish({ tasks, store }: TasksFixture): Promise<void> {
  await sql`update ${store.table("worker")} set alive_until = now()`.execute(store.db);
  const worker = tasks.createWorker({ handlers: {} });
  await worker.runUntilIdle();
  await worker.stop();
}

function depsOf({ store, dispatchers }: TasksFixture, { worker }: Lease): DeliveryRunDeps {
  return {
    store,
    dispatchers,
    resolveBot: async () => null,
    fileLink: () => null,
    clock: systemClock,
    random: () => 0,
    logger: silentLogger,
    timeoutMs: 1_000,
    hopeless: () => false,
    reporter: { delivery: () => undefined },
    settle: async (end) => (await settleDeliveries(store, worker, [end])).written.has(end.id),
  };
}
