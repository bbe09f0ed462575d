import { testEngines } from "@core/database/testing";
import { createManualClock, createRecordingLogger } from "@core/testing";
import { silentLogger } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import { createUpkeep, keepUp } from "./upkeep.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

describe.each(testEngines)("the upkeep on %s", (engine) => {
  it("lets a lane go on whose first task was deleted by hand, and leaves the others alone", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const [stuck] = await tasks.enqueueMany(
      ["a", "a", "a", "b", "b"].map((lane, n) => ({ type: "t", lane, payload: n })),
    );
    await sql`delete from ${store.table("task")} where id = ${stuck?.task.id}`.execute(store.db);
    const logger = createRecordingLogger();
    await keepUp(store, logger);
    await keepUp(store, logger);
    expect(logger.entries).toMatchObject([{ level: "warn", fields: { lanes: 1 } }]);
    const runs: unknown[] = [];
    const worker = tasks.createWorker({ handlers: { t: async ({ payload }) => void runs.push(payload) } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(new Set(runs)).toEqual(new Set([1, 2, 3, 4]));
  });

  it("forgets dedupe keys that nobody has, and no others", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const keys = ["ended", "lives", "window", "over"];
    for (const key of keys) {
      const window = key === "window" || key === "over" ? { window_seconds: 60 } : {};
      await tasks.enqueue({ type: key, dedupe: { key, ...window } });
    }
    const worker = tasks.createWorker({
      handlers: { ended: async () => 1, window: async () => 1, over: async () => 1 },
    });
    await worker.runUntilIdle();
    await worker.stop();
    await sql`update ${store.table("task_dedupe")} set until = now() - interval '1 second' where key like '%over'`.execute(
      store.db,
    );
    await keepUp(store, silentLogger);
    const left = await store.db.selectFrom("task_dedupe").select("key").orderBy("key").execute();
    expect(left.map(({ key }) => key)).toEqual([
      expect.stringContaining("lives"),
      expect.stringContaining("window"),
    ]);
  });
});

describe("the upkeep", () => {
  it("happens again and again until it is stopped", async () => {
    const { store, tasks } = await fixtures.open("pglite");
    const clock = createManualClock(0);
    const logger = createRecordingLogger();
    const upkeep = createUpkeep({
      store,
      settingsOf: () => ({ keep: {} }),
      keepsAll: true,
      clock,
      random: () => 0.5,
      logger,
    });
    upkeep.start();
    for (let turn = 1; turn <= 2; turn += 1) {
      const [first] = await tasks.enqueueMany([
        { type: "t", lane: `l${turn}` },
        { type: "t", lane: `l${turn}` },
      ]);
      await sql`delete from ${store.table("task")} where id = ${first?.task.id}`.execute(store.db);
      await clock.elapse(600_000);
      await expect.poll(() => logger.entries).toHaveLength(turn);
      await expect.poll(() => clock.pending()).toBe(1);
    }
    await upkeep.stop();
    expect(clock.pending()).toBe(0);
  });
});
