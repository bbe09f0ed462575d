import { testEngines } from "@core/database/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const DAY = 86_400_000;

describe.each(testEngines)("pruning on %s", (engine) => {
  it("removes what ended long ago, with its bodies and deliveries", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, store, count } = fixture;
    fixture.dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    await tasks.enqueue({ type: "t", dispatch_type: "test" });
    const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
    await worker.runUntilIdle();
    await worker.stop();
    const { task } = await tasks.enqueue({ type: "t" });
    expect(await tasks.prune({ olderThanMs: DAY })).toBe(0);
    await sql`update ${store.table("task")} set finished_at = finished_at - interval '2 days'`.execute(
      store.db,
    );
    expect(await tasks.prune({ olderThanMs: DAY, types: ["other"] })).toBe(0);
    expect(await tasks.prune({ olderThanMs: DAY, states: ["failed"] })).toBe(0);
    expect(await tasks.prune({ olderThanMs: DAY })).toBe(1);
    expect(await Promise.all([count("task"), count("delivery"), count("body")])).toEqual([1, 0, 0]);
    expect(await tasks.get(task.id)).toMatchObject({ state: "pending" });
  });

  it("works in batches, tells how far it is, and ends when its signal is aborted", async () => {
    const fixture = await fixtures.open(engine);
    await manyEnded(fixture, 2_500);
    const told: number[] = [];
    const stop = new AbortController();
    const onProgress = (pruned: number): void => {
      told.push(pruned);
      if (pruned === 2_000) stop.abort();
    };
    expect(await fixture.tasks.prune({ olderThanMs: DAY, onProgress, signal: stop.signal })).toBe(2_000);
    expect(told).toEqual([1_000, 2_000]);
  });
});

async function manyEnded({ tasks, store }: TasksFixture, count: number): Promise<void> {
  await tasks.enqueueMany(Array.from({ length: count }, () => ({ type: "t" })));
  await sql`update ${store.table("task")}
    set state = 'complete', finished_at = now() - interval '2 days'`.execute(store.db);
}
