import { testEngines } from "@core/database/testing";
import { delivered, permanent } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

describe.each(testEngines)("the stats of a queue on %s", (engine) => {
  it("tell, by queue and type, for what each task waits and what runs", async () => {
    const { tasks } = await fixtures.open(engine);
    await tasks.limits.set({ type: "mail", concurrency: 1 });
    await tasks.enqueueMany([
      { type: "job" },
      { type: "job", delay_ms: 60_000 },
      { type: "job", lane: "l" },
      { type: "job", lane: "l" },
      { type: "mail" },
      { type: "job", queue: "slow" },
      { type: "long" },
    ]);
    const ended = Promise.withResolvers<void>();
    const worker = tasks.createWorker({ handlers: { long: () => ended.promise } });
    await worker.tick();
    const { tasks: all } = await tasks.stats();
    ended.resolve();
    await worker.stop();
    expect(all).toMatchObject([
      { queue: "default", type: "job", pending: 4, due: 2, planned: 1, in_lane: 1, limited: 0, running: 0 },
      { queue: "default", type: "long", pending: 0, running: 1, oldest_due_ms: null },
      { queue: "default", type: "mail", pending: 1, due: 0, limited: 1, oldest_due_ms: null },
      { queue: "slow", type: "job", pending: 1, due: 1 },
    ]);
  });

  it("tell for how long the oldest due task has been due, planned ones from their time on", async () => {
    const { tasks, store } = await fixtures.open(engine);
    await tasks.enqueueMany([
      { type: "a" },
      { type: "a" },
      { type: "b", delay_ms: 60_000 },
      { type: "c", delay_ms: 60_000 },
    ]);
    await sql`update ${store.table("task")} set ready_at = now() - interval '5 seconds'
      where seq = (select min(seq) from ${store.table("task")})`.execute(store.db);
    await sql`update ${store.table("task")} set run_at = now() - interval '7 seconds' where type = 'b'`.execute(
      store.db,
    );
    const [a, b, c] = (await tasks.stats()).tasks;
    expect(a?.oldest_due_ms).toBeGreaterThanOrEqual(5_000);
    expect(b?.oldest_due_ms).toBeGreaterThanOrEqual(7_000);
    expect(b).toMatchObject({ due: 1, planned: 0 });
    expect(c).toMatchObject({ due: 0, planned: 1, oldest_due_ms: null });
  });

  it("count what has ended within the last hour, by state, and nothing older", async () => {
    const { tasks, store } = await fixtures.open(engine);
    await tasks.enqueueMany(["good", "good", "good", "bad"].map((type) => ({ type, max_attempts: 1 })));
    const { task: unwanted } = await tasks.enqueue({ type: "unwanted" });
    await tasks.cancel(unwanted.id);
    const worker = tasks.createWorker({
      handlers: { good: async () => 1, bad: () => Promise.reject(new Error("no")) },
    });
    await worker.runUntilIdle();
    await worker.stop();
    await sql`update ${store.table("task")} set finished_at = now() - interval '61 minutes'
      where seq = (select min(seq) from ${store.table("task")})`.execute(store.db);
    const none = { complete: 0, failed: 0, cancelled: 0 };
    expect((await tasks.stats()).tasks).toMatchObject([
      { type: "bad", pending: 0, ended_last_hour: { ...none, failed: 1 } },
      { type: "good", pending: 0, ended_last_hour: { ...none, complete: 2 } },
      { type: "unwanted", pending: 0, ended_last_hour: { ...none, cancelled: 1 } },
    ]);
  });

  it("count deliveries that have not reached a good end, by state", async () => {
    const { tasks, dispatchers } = await fixtures.open(engine);
    const answer = recordingDispatcher(({ target }) =>
      (target as { room: string }).room === "b" ? permanent({ code: "gone", message: "Gone." }) : delivered(),
    );
    dispatchers.register("chat", answer, { owner: "test" });
    const to = (dispatch_type: string, target: Record<string, string>) =>
      ({ type: "t", dispatch_type, dispatch_config: target, strict: false }) as const;
    await tasks.enqueueMany([to("chat", { room: "a" }), to("chat", { room: "b" }), to("nobody", {})]);
    const worker = tasks.createWorker({ handlers: { t: async () => "hi" } });
    await worker.runUntilIdle();
    await worker.stop();
    const none = { pending: 0, open: 0, sending: 0, held: 0, parked: 0, dead: 0 };
    expect((await tasks.stats()).deliveries).toEqual({ ...none, parked: 1, dead: 1 });
  });

  it("list workers, with what they have in hand and whether they live", async () => {
    const { tasks } = await fixtures.open(engine);
    const ended = Promise.withResolvers<void>();
    await tasks.enqueueMany([{ type: "long" }, { type: "long" }]);
    const busy = tasks.createWorker({ workerId: "busy", handlers: { long: () => ended.promise } });
    await busy.tick();
    const gone = tasks.createWorker({ workerId: "gone", handlers: {} });
    await gone.tick();
    await gone.stop();
    const { workers, at } = await tasks.stats();
    ended.resolve();
    await busy.stop();
    expect(at).toBeInstanceOf(Date);
    expect(workers).toMatchObject([
      { id: "busy", alive: true, running: 2, pid: process.pid, task_types: ["long"] },
      { id: "gone", alive: false, running: 0, task_types: [] },
    ]);
    expect(workers[0]?.started_at).toBeInstanceOf(Date);
  });
});
