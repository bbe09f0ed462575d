import { testEngines } from "@core/database/testing";
import type { Reconciliation } from "@core/registry";
import { createHooks } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { claimDeliveries } from "../delivery/delivery-claim.ts";
import { RECONCILE_AFTER_MS } from "../delivery/delivery-verdict.ts";
import { claimTasks, completeTask, failTask, releaseTask } from "../testing/leases.ts";
import { RetryAfter } from "../task/task-failure.ts";
import { silence } from "../testing/silence.ts";
import { recoveryDeps } from "../testing/recovery-deps.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import { recoverOrphans } from "./recovery.ts";
import { forgetDeadWorkers, registerWorker } from "../lease/worker-row.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const advert = { taskTypes: ["t"], dispatchTypes: [], deadAfterMs: 15_000 };
const claimOne = { queues: ["default"], types: ["t"], limit: 1 };

describe.each(testEngines)("recovery on %s", (engine) => {
  it("takes over at once what the former life of the same worker held", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const former = await registerWorker(store, "w1", advert);
    expect(await claimTasks(store, { worker: former, ...claimOne })).toHaveLength(1);

    const worker = tasks.createWorker({ workerId: "w1", handlers: { t: async () => "second life" } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", attempt: 2, result: "second life" });
  });

  it("leaves what a live worker holds alone, and takes it when that worker has been silent for too long", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, store } = fixture;
    const { task } = await tasks.enqueue({ type: "t" });
    const other = await registerWorker(store, "other", advert);
    await claimTasks(store, { worker: other, ...claimOne });

    const first = tasks.createWorker({ handlers: { t: async () => "taken" } });
    await first.runUntilIdle();
    await first.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "running", attempt: 1 });

    await silence(fixture, "other");
    const second = tasks.createWorker({ handlers: { t: async () => "taken" } });
    await second.runUntilIdle();
    await second.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", attempt: 2, result: "taken" });
  });

  it("takes a task over the moment its worker counts as dead, not at the next heartbeat or poll", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const dying = await registerWorker(store, "dying", { ...advert, deadAfterMs: 300 });
    await claimTasks(store, { worker: dying, ...claimOne });
    const ran = Promise.withResolvers<string>();
    const anHour = 3_600_000;
    const worker = tasks.createWorker({
      heartbeatMs: anHour,
      deadAfterMs: 2 * anHour,
      pollMs: anHour,
      handlers: { t: async ({ id }) => ran.resolve(id) },
    });
    await worker.start();
    expect(await ran.promise).toBe(task.id);
    await worker.stop();
  });

  it("accepts no write of a stale attempt, whatever it tries", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, store, dispatchers, count } = fixture;
    dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    const { task } = await tasks.enqueue({ type: "t", dispatch_type: "test" });
    const stale = await registerWorker(store, "stale", advert);
    const [claimed] = await claimTasks(store, { worker: stale, ...claimOne });
    if (claimed === undefined) throw new Error("nothing claimed");
    await silence(fixture, "stale");
    const worker = tasks.createWorker({ handlers: { t: async () => "fresh" } });
    await worker.runUntilIdle();
    await worker.stop();

    const deps = { store, dispatchers, random: () => 0 };
    expect(await completeTask(deps, claimed, "stale")).toBeNull();
    const failure = {
      code: "x",
      message: "x",
      failureCode: "exhausted",
      retry: true,
      retryAfterMs: 0,
    } as const;
    expect(await failTask(deps, claimed, failure)).toBeNull();
    expect(await releaseTask(store, claimed)).toBeNull();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", result: "fresh" });
    expect(await count("delivery")).toBe(1);
  });

  it("refuses a stale attempt of the same worker after a hand-back, though the attempt number is the same", async () => {
    const { tasks, store, dispatchers } = await fixtures.open(engine);
    await tasks.enqueue({ type: "t" });
    const worker = await registerWorker(store, "w", advert);
    const [first] = await claimTasks(store, { worker, ...claimOne });
    if (first === undefined) throw new Error("nothing claimed");
    await releaseTask(store, first);
    const [second] = await claimTasks(store, { worker, ...claimOne });
    expect(second?.task.attempt).toBe(first.task.attempt);
    expect(await completeTask({ store, dispatchers, random: () => 0 }, first, "stale")).toBeNull();
  });

  it("ends a task that its workers keep dying of as lease_lost, and says so to its target", async () => {
    const { tasks, store, dispatchers } = await fixtures.open(engine);
    const recorder = recordingDispatcher();
    dispatchers.register("test", recorder, { owner: "test" });
    const { task } = await tasks.enqueue({ type: "t", max_attempts: 2, dispatch_type: "test" });
    for (let life = 0; life < 2; life += 1) {
      const worker = await registerWorker(store, `dying-${life}`, advert);
      expect(await claimTasks(store, { worker, ...claimOne })).toHaveLength(1);
      await registerWorker(store, `dying-${life}`, advert);
      const deliverer = tasks.createWorker({ handlers: {} });
      await deliverer.runUntilIdle();
      await deliverer.stop();
    }
    expect(await tasks.get(task.id)).toMatchObject({
      state: "failed",
      failure_code: "lease_lost",
      attempt: 2,
    });
    expect(recorder.deliveries).toMatchObject([
      { kind: "task_error", payload: { error: { code: "lease_lost" } } },
    ]);
  });

  it("sends again what was being sent in a crash only where the receiver drops duplicates", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, dispatchers, store } = fixture;
    const idempotent = recordingDispatcher();
    const blind = recordingDispatcher(undefined, { idempotent: false });
    dispatchers.register("idempotent", idempotent, { owner: "test" });
    dispatchers.register("blind", blind, { owner: "test" });
    await completeWithout(fixture, ["idempotent", "blind"]);
    await registerWorker(store, "crashed", { ...advert, dispatchTypes: ["idempotent", "blind"] });
    await sql`update ${store.table("delivery")} set state = 'sending', attempt = 1, worker_id = 'crashed', worker_epoch = 1`.execute(
      store.db,
    );
    await silence(fixture, "crashed");

    const worker = tasks.createWorker({ handlers: {} });
    await worker.runUntilIdle();
    await worker.stop();
    expect(idempotent.deliveries).toHaveLength(1);
    expect(blind.deliveries).toHaveLength(0);
    const { items } = await tasks.deliveries.list();
    expect(Object.fromEntries(items.map((one) => [one.dispatch_type, one.state]))).toEqual({
      idempotent: "delivered",
      blind: "held",
    });
  });

  it.each([
    [{ status: "sent", externalIds: ["m1"] }, "delivered", 0],
    [{ status: "not_sent" }, "delivered", 1],
    [{ status: "unknown" }, "held", 0],
  ] as const)("asks the receiver what became of a lost answer: %j", async (reconciliation, state, sends) => {
    const fixture = await fixtures.open(engine);
    const { tasks, dispatchers, store } = fixture;
    const recorder = recordingDispatcher(undefined, { reconcile: async () => reconciliation });
    dispatchers.register("test", recorder, { owner: "test" });
    await completeWithout(fixture, ["test"]);
    await sql`update ${store.table("delivery")} set uncertain = true, attempt = 1, state = 'pending', park_reason = null`.execute(
      store.db,
    );
    const worker = tasks.createWorker({ handlers: {} });
    await worker.runUntilIdle();
    await worker.stop();
    expect(recorder.deliveries).toHaveLength(sends);
    const { items } = await tasks.deliveries.list({ state });
    expect(items).toHaveLength(1);
  });

  it("forgets workers that have long been dead, but none that still holds something", async () => {
    const { tasks, store } = await fixtures.open(engine);
    await tasks.enqueue({ type: "t" });
    const holder = await registerWorker(store, "holder", advert);
    await claimTasks(store, { worker: holder, ...claimOne });
    await registerWorker(store, "idle", advert);
    await sql`update ${store.table("worker")} set alive_until = now() - interval '8 days'`.execute(store.db);
    await forgetDeadWorkers(store);
    const left = await store.db.selectFrom("worker").select("id").execute();
    expect(left).toEqual([{ id: "holder" }]);
  });

  it("hands tasks back on a stop without costing an attempt", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const begun = Promise.withResolvers<void>();
    const worker = tasks.createWorker({
      handlers: {
        t: (_task, { signal }) => {
          begun.resolve();
          return new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason as Error));
          });
        },
      },
    });
    await worker.start();
    await begun.promise;
    await worker.stop({ graceMs: 10 });
    expect(await tasks.get(task.id)).toMatchObject({ state: "pending", attempt: 0, errors: [] });
  });

  it("waits on a stop for work that ends within the grace", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const worker = tasks.createWorker({
      handlers: {
        t: async () => {
          begun.resolve();
          await release.promise;
          return "done";
        },
      },
    });
    await worker.start();
    await begun.promise;
    const stopped = worker.stop();
    release.resolve();
    await stopped;
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", result: "done" });
  });

  it("aborts its runs and drops what they give when another worker has taken its name over", async () => {
    const { tasks, again } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const begun = Promise.withResolvers<void>();
    const reasons: unknown[] = [];
    const first = tasks.createWorker({
      workerId: "shared-name",
      heartbeatMs: 20,
      handlers: {
        t: (_task, { signal }) => {
          begun.resolve();
          return new Promise((resolve) => {
            signal.addEventListener("abort", () => {
              reasons.push(signal.reason);
              resolve("too late");
            });
          });
        },
      },
    });
    await first.start();
    await begun.promise;
    const second = again().createWorker({ workerId: "shared-name", handlers: { t: async () => "second" } });
    await second.runUntilIdle();
    await expect.poll(() => reasons).toMatchObject([{ code: "LEASE_LOST" }]);
    await first.stop({ graceMs: 10 });
    await second.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", result: "second", attempt: 2 });
  });
});

/** Makes one waiting delivery per type, without sending it. */
async function completeWithout(
  { tasks, store, dispatchers }: TasksFixture,
  types: readonly string[],
): Promise<void> {
  const worker = await registerWorker(store, "maker", { ...advert, dispatchTypes: [...types] });
  for (const type of types) await tasks.enqueue({ type: "t", dispatch_type: type });
  const claimed = await claimTasks(store, { worker, ...claimOne, limit: 10 });
  for (const one of claimed) await completeTask({ store, dispatchers, random: () => 0 }, one, "done");
}

describe.each(testEngines)("the end of a task on %s", (engine) => {
  it("is told to the hooks once, also when its worker has died", async () => {
    const hooks = createHooks();
    const ends: unknown[] = [];
    hooks.on("after_task_complete", ({ data, context }) => ends.push({ ...data, ...context }));
    const fixture = await fixtures.open(engine, { hooks });
    const { tasks, store } = fixture;
    const good = await tasks.enqueue({ type: "t", bot_id: "b1" });
    const bad = await tasks.enqueue({ type: "bad", max_attempts: 1, reason: "scheduled" });
    const dying = await tasks.enqueue({ type: "dying", max_attempts: 1 });
    const dead = await registerWorker(store, "dead", advert);
    await claimTasks(store, { worker: dead, queues: ["default"], types: ["dying"], limit: 1 });
    await silence(fixture, "dead");

    const settled: string[] = [];
    const worker = tasks.createWorker({
      handlers: { t: async () => "fine", bad: () => Promise.reject(new Error("no")), dying: async () => "" },
      onTaskSettled: ({ type }, how) => void settled.push(`${type} ${how}`),
    });
    await worker.runUntilIdle();
    await worker.stop();
    await hooks.flush();
    const task = { task_type: "t", reason: "api", bot_id: "b1" };
    expect(ends).toHaveLength(3);
    expect(ends).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...task, task_id: good.task.id, status: "complete" }),
        expect.objectContaining({ task_id: bad.task.id, reason: "scheduled", status: "failed" }),
        expect.objectContaining({ task_id: dying.task.id, task_type: "dying", status: "failed" }),
      ]),
    );
    expect(settled.toSorted()).toEqual(["bad failed", "dying failed", "t complete"]);
  });

  it("is not told while it is to run again", async () => {
    const hooks = createHooks();
    const ends: unknown[] = [];
    hooks.on("after_task_complete", ({ data }) => ends.push(data));
    const { tasks } = await fixtures.open(engine, { hooks });
    const { task } = await tasks.enqueue({ type: "t", max_attempts: 2 });
    const later = (): Promise<never> => Promise.reject(new RetryAfter(60_000));
    const worker = tasks.createWorker({ handlers: { t: later } });
    await worker.runUntilIdle();
    await worker.stop();
    await hooks.flush();
    expect(await tasks.get(task.id)).toMatchObject({ state: "pending", attempt: 1 });
    expect(ends).toEqual([]);
  });
});

describe.each(testEngines)("a delivery whose worker died while sending on %s", (engine) => {
  it.each([
    ["is tried again at once where duplicates are dropped", { idempotent: true }, false],
    ["waits until what was under way has arrived, where the receiver is asked", { reconcile }, true],
  ])("%s", async (_, declaration, waits) => {
    const fixture = await fixtures.open(engine);
    const { tasks, store, dispatchers } = fixture;
    dispatchers.register("test", recordingDispatcher(undefined, declaration), { owner: "test" });
    await tasks.enqueue({ type: "t", dispatch_type: "test" });
    const dead = await registerWorker(store, "dead", { ...advert, dispatchTypes: ["test"] });
    const [claimed] = await claimTasks(store, { worker: dead, ...claimOne });
    if (claimed === undefined) throw new Error("nothing claimed");
    const deps = recoveryDeps({ store, dispatchers });
    await completeTask(deps, claimed, "done");
    const { claimed: sending } = await claimDeliveries(store, { worker: dead, types: ["test"], limit: 1 });
    expect(sending).toHaveLength(1);
    await silence(fixture, "dead");

    const before = await databaseTime(fixture);
    expect(await recoverOrphans(deps, dead)).toBe(1);
    const [row] = await store.db.selectFrom("delivery").select(["next_at", "uncertain"]).execute();
    const after = await databaseTime(fixture);
    expect(row?.uncertain).toBe(true);
    expect(row?.next_at).toSatisfy(isBetween(before, after, waits ? RECONCILE_AFTER_MS : 0));
  });
});

async function reconcile(): Promise<Reconciliation> {
  return { status: "not_sent" };
}

async function databaseTime({ store }: TasksFixture): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(store.db);
  return rows[0]?.at ?? new Date(0);
}

function isBetween(from: Date, to: Date, plusMs: number): (date: Date) => boolean {
  return (date) => date.getTime() >= from.getTime() + plusMs && date.getTime() <= to.getTime() + plusMs;
}
