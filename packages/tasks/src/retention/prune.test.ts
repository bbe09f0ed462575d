import { testEngines } from "@core/database/testing";
import { permanent } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { age, endTasks, idsLeft, rowsLeft } from "../testing/ended-tasks.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const AN_HOUR_MS = 3_600_000;
const three = [{ type: "t" }, { type: "t" }, { type: "t" }];

describe.each(testEngines)("pruning on %s", (engine) => {
  it("removes what ended longer ago, with all that belongs to it, and nothing else", async () => {
    const fixture = await fixtures.open(engine);
    fixture.dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const [first = "", second = "", third = ""] = await endTasks(
      fixture,
      three.map((one) => ({ ...one, dispatch_type: "chat", dispatch_config: {} })),
    );
    expect(await rowsLeft(fixture)).toEqual({ task: 3, task_body: 3, body: 3, delivery: 3 });
    await age(fixture, [first, second], 2);
    expect(await fixture.tasks.prune({ olderThanMs: AN_HOUR_MS })).toBe(2);
    expect(await rowsLeft(fixture)).toEqual({ task: 1, task_body: 1, body: 1, delivery: 1 });
    expect(await idsLeft(fixture)).toEqual([third]);
    expect(await fixture.tasks.get(first)).toBeNull();
    expect(await fixture.tasks.prune({ olderThanMs: 0 })).toBe(1);
    expect(await rowsLeft(fixture)).toEqual({ task: 0, task_body: 0, body: 0, delivery: 0 });
  });

  it("removes only the states and the types that are named", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await endTasks(fixture, [{ type: "a" }, { type: "a", payload: "bad" }, { type: "b" }]);
    const { task } = await tasks.enqueue({ type: "a" });
    await tasks.cancel(task.id);
    const stays = (): Promise<readonly unknown[]> =>
      tasks.list().then(({ items }) => items.map(({ type, state }) => `${type} ${state}`).toSorted());
    expect(await tasks.prune({ olderThanMs: 0, states: ["failed"], types: ["a", "b"] })).toBe(1);
    expect(await stays()).toEqual(["a cancelled", "a complete", "b complete"]);
    expect(await tasks.prune({ olderThanMs: 0, types: ["a"] })).toBe(2);
    expect(await stays()).toEqual(["b complete"]);
  });

  it("leaves what has not ended, whatever its age", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await tasks.enqueueMany([
      { type: "due" },
      { type: "due", delay_ms: 60_000 },
      { type: "due", lane: "l" },
      { type: "long" },
    ]);
    const ended = Promise.withResolvers<void>();
    const worker = tasks.createWorker({ handlers: { long: () => ended.promise } });
    await worker.tick();
    expect(await tasks.prune({ olderThanMs: 0 })).toBe(0);
    ended.resolve();
    await worker.stop();
    expect(await rowsLeft(fixture)).toMatchObject({ task: 4, task_body: 4 });
  });

  it("leaves a task whose delivery has not ended, and takes it once that is dead", async () => {
    const fixture = await fixtures.open(engine);
    const dispatcher = recordingDispatcher(() => permanent({ code: "gone", message: "Gone." }));
    fixture.dispatchers.register("chat", dispatcher, { owner: "test" });
    const chat = { dispatch_type: "chat", dispatch_config: {} };
    await endTasks(fixture, [{ type: "t", ...chat }]);
    const { store, tasks } = fixture;
    for (const state of ["held", "pending", "open"]) {
      await sql`update ${store.table("delivery")} set state = ${state}`.execute(store.db);
      expect(await tasks.prune({ olderThanMs: 0 }), state).toBe(0);
    }
    await sql`update ${store.table("delivery")} set state = 'dead'`.execute(store.db);
    expect(await tasks.prune({ olderThanMs: 0 })).toBe(1);
    expect(await rowsLeft(fixture)).toEqual({ task: 0, task_body: 0, body: 0, delivery: 0 });
  });

  it("leaves a child as long as its parent lives, and a parent's end takes no child with it", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    const { task: parent } = await tasks.enqueue({ type: "parent" });
    const [child = ""] = await endTasks(fixture, [{ type: "child", parent_task_id: parent.id }]);
    expect(await tasks.prune({ olderThanMs: 0 })).toBe(0);
    await tasks.cancel(parent.id);
    expect(await tasks.prune({ olderThanMs: 0, types: ["parent"] })).toBe(1);
    expect(await tasks.get(child)).toMatchObject({ state: "complete", parent_task_id: parent.id });
    expect(await tasks.prune({ olderThanMs: 0 })).toBe(1);
  });

  it("frees idempotency keys, and leaves a task whose dedupe window is open", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, store } = fixture;
    const dedupe = { key: "k", window_seconds: 60 };
    const [keyed = "", windowed = ""] = await endTasks(fixture, [
      { type: "t", idempotency_key: "i" },
      { type: "t", dedupe },
    ]);
    expect(await tasks.prune({ olderThanMs: 0 })).toBe(1);
    const again = await tasks.enqueue({ type: "other", idempotency_key: "i" });
    expect(again).toMatchObject({ created: true });
    expect(again.task.id).not.toBe(keyed);
    expect(await tasks.enqueue({ type: "t", dedupe })).toMatchObject({
      created: false,
      task: { id: windowed },
    });
    await sql`update ${store.table("task_dedupe")} set until = now() - interval '1 second'`.execute(store.db);
    expect(await tasks.prune({ olderThanMs: 0 })).toBe(1);
    expect(await tasks.enqueue({ type: "t", dedupe })).toMatchObject({ created: true });
  });

  it("goes on behind a whole batch of tasks that stay", async () => {
    const fixture = await fixtures.open(engine);
    await cancelMany(fixture, 1_500);
    await giveDeliveries(fixture, 1_200);
    expect(await fixture.tasks.prune({ olderThanMs: 0 })).toBe(300);
    expect(await rowsLeft(fixture)).toEqual({ task: 1_200, task_body: 1_200, body: 1_200, delivery: 1_200 });
  });

  it("tells how far it is after each batch, and ends after the batch in hand when it is aborted", async () => {
    const fixture = await fixtures.open(engine);
    await cancelMany(fixture, 2_500);
    const stop = new AbortController();
    const told: number[] = [];
    const removed = await fixture.tasks.prune({
      olderThanMs: 0,
      signal: stop.signal,
      onProgress: (count) => void (told.push(count) === 2 && stop.abort()),
    });
    expect(told).toEqual([1_000, 2_000]);
    expect(removed).toBe(2_000);
    expect(await rowsLeft(fixture)).toMatchObject({ task: 500, task_body: 500 });
    expect(await fixture.tasks.prune({ olderThanMs: 0, signal: stop.signal })).toBe(0);
  });

  it("ends when it has removed as many as it may, behind tasks that stay and across kinds", async () => {
    const fixture = await fixtures.open(engine);
    await cancelMany(fixture, 1_500);
    await giveDeliveries(fixture, 1_200);
    await endTasks(fixture, three);
    const prune = (limit: number): Promise<number> => fixture.tasks.prune({ olderThanMs: 0, limit });
    expect([await prune(0), await prune(200), await prune(102), await prune(102)]).toEqual([0, 200, 102, 1]);
    expect(await rowsLeft(fixture)).toMatchObject({ task: 1_200, delivery: 1_200 });
  });

  it("twice at the same time removes each task once", async () => {
    const fixture = await fixtures.open(engine);
    await cancelMany(fixture, 2_500);
    const counts = await Promise.all([0, 1].map(() => fixture.tasks.prune({ olderThanMs: 0 })));
    expect(counts.reduce((sum, count) => sum + count)).toBe(2_500);
    expect(await rowsLeft(fixture)).toMatchObject({ task: 0, task_body: 0 });
  });

  it("refuses an age that is none", async () => {
    const { tasks } = await fixtures.open(engine);
    for (const olderThanMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(tasks.prune({ olderThanMs })).rejects.toMatchObject({ code: "OPTIONS_INVALID" });
    }
  });
});

/** Many ended tasks in little time; all have ended at one moment. */
async function cancelMany({ tasks, store }: TasksFixture, count: number): Promise<void> {
  await tasks.enqueueMany(Array.from({ length: count }, () => ({ type: "t" })));
  await sql`update ${store.table("task")} set state = 'cancelled', finished_at = now()`.execute(store.db);
}

/** Gives the oldest of them deliveries that wait. */
async function giveDeliveries({ store }: TasksFixture, count: number): Promise<void> {
  await sql`with oldest as (select id from ${store.table("task")} order by seq limit ${count}::int),
    bodies as (insert into ${store.table("body")} select id, '{}' from oldest)
    insert into ${store.table("delivery")} (id, kind, source_id, target_key, task_id, dispatch_type, target,
      target_checked, policy, payload_id, state, max_attempts)
    select id, 'message', id::text, 'k', id, 'chat', '{}', true, 'task_result', id, 'pending', 1 from oldest`.execute(
    store.db,
  );
}
