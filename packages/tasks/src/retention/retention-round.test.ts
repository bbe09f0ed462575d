import { testEngines } from "@core/database/testing";
import { silentLogger, systemClock } from "@core/registry";
import { createManualClock, createRecordingLogger } from "@core/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { age, endTasks, idsLeft, rowsLeft } from "../testing/ended-tasks.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import { createUpkeep } from "../worker/upkeep.ts";
import { retainOnlyKept } from "./retention-round.ts";
import type { Retention } from "./retention.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const AN_HOUR_MS = 3_600_000;
const edges = { clock: systemClock, logger: silentLogger, signal: new AbortController().signal };

describe.each(testEngines)("retention on %s", (engine) => {
  it("keeps everything for good unless it is told otherwise", async () => {
    const fixture = await fixtures.open(engine);
    const ids = await endTasks(fixture, [{ type: "t" }, { type: "t", payload: "bad" }]);
    await age(fixture, ids, 100_000);
    await retainOnlyKept({ ...edges, store: fixture.store, keepOf: () => ({}) });
    expect(await idsLeft(fixture)).toEqual(ids);
  });

  it("removes by age, by state and by type", async () => {
    const fixture = await fixtures.open(engine);
    const [oldGood = "", newGood, oldBad = "", other = ""] = await endTasks(fixture, [
      { type: "t" },
      { type: "t" },
      { type: "t", payload: "bad" },
      { type: "other" },
    ]);
    await age(fixture, [oldGood, oldBad, other], 2);
    const keepOf = (type: string): Retention => (type === "t" ? { complete: { ageMs: AN_HOUR_MS } } : {});
    await retainOnlyKept({ ...edges, store: fixture.store, keepOf });
    expect(await idsLeft(fixture)).toEqual([newGood, oldBad, other]);
    expect(await rowsLeft(fixture)).toMatchObject({ task_body: 3, body: 2 });
  });

  it("keeps exactly the newest so many, also of those that ended at one moment", async () => {
    const fixture = await fixtures.open(engine);
    const ids = await endTasks(
      fixture,
      Array.from({ length: 7 }, () => ({ type: "t" })),
    );
    await sql`update ${fixture.store.table("task")} set finished_at = now()`.execute(fixture.store.db);
    await age(fixture, ids.slice(5), 1);
    const keep = (count: number) =>
      retainOnlyKept({ ...edges, store: fixture.store, keepOf: () => ({ complete: { count } }) });
    await keep(9);
    expect(await idsLeft(fixture)).toEqual(ids);
    await keep(3);
    expect(await idsLeft(fixture)).toEqual(ids.slice(2, 5));
    await keep(0);
    expect(await idsLeft(fixture)).toEqual([]);
  });

  it("with an age and a count removes what goes beyond either", async () => {
    const fixture = await fixtures.open(engine);
    const ids = await endTasks(
      fixture,
      Array.from({ length: 4 }, () => ({ type: "t" })),
    );
    await age(fixture, ids.slice(0, 1), 2);
    const keep = (count: number) =>
      retainOnlyKept({
        ...edges,
        store: fixture.store,
        keepOf: () => ({ complete: { ageMs: AN_HOUR_MS, count } }),
      });
    await keep(4);
    expect(await idsLeft(fixture)).toEqual(ids.slice(1));
    await keep(2);
    expect(await idsLeft(fixture)).toHaveLength(2);
  });

  it("is asked of the type first and of all types then, state by state, by the worker's upkeep", async () => {
    const retention = { complete: { count: 0 }, failed: { count: 0 } };
    const fixture = await fixtures.open(engine, { types: { kept: { keep: { complete: {} } } }, retention });
    const clock = createManualClock(0);
    const tasks = fixture.again({ clock });
    const [kept] = await endTasks(fixture, [
      { type: "kept" },
      { type: "kept", payload: "bad" },
      { type: "t" },
      { type: "t", payload: "bad" },
    ]);
    const worker = tasks.createWorker({ handlers: {} });
    await worker.start();
    await clock.elapse(600_000);
    await expect.poll(() => idsLeft(fixture)).toEqual([kept]);
    await worker.stop();
  });

  it("pauses between batches, and ends with the worker", async () => {
    const { store, tasks, ...more } = await fixtures.open(engine);
    await tasks.enqueueMany(Array.from({ length: 2_500 }, () => ({ type: "t" })));
    await sql`update ${store.table("task")} set state = 'cancelled', finished_at = now()`.execute(store.db);
    const clock = createManualClock(0);
    const settingsOf = (): { keep: Retention } => ({ keep: { cancelled: { count: 0 } } });
    const edge = { clock, random: () => 0.5, logger: silentLogger };
    const upkeep = createUpkeep({ store, settingsOf, keepsAll: false, ...edge });
    upkeep.start();
    await clock.elapse(600_000);
    await expect.poll(() => more.count("task")).toBe(1_500);
    await expect.poll(() => clock.pending()).toBe(1);
    await clock.elapse(100);
    await expect.poll(() => more.count("task")).toBe(500);
    await expect.poll(() => clock.pending()).toBe(1);
    await upkeep.stop();
    expect(await more.count("task")).toBe(500);
    expect(clock.pending()).toBe(0);
  });

  it("says so when it fails, and lets the worker go on", async () => {
    const { store } = await fixtures.open(engine);
    await sql`drop function ${sql.id(store.schema, "ended_kinds_1")}`.execute(store.db);
    const logger = createRecordingLogger();
    await retainOnlyKept({ ...edges, store, logger, keepOf: () => ({}) });
    expect(logger.entries).toMatchObject([{ level: "warn" }]);
  });
});

describe("retention on postgres", () => {
  it("leaves the work to the worker that is at it", async () => {
    const fixture = await fixtures.open("postgres");
    const { store } = fixture;
    await endTasks(fixture, [{ type: "t" }]);
    const keepOf = (): Retention => ({ complete: { count: 0 } });
    const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const other = store.transaction(async (trx) => {
      await sql`select ${sql.id(store.schema, "remove_ended_1")}('{}', true)`.execute(trx);
      begun.resolve();
      await over.promise;
    });
    await begun.promise;
    await retainOnlyKept({ ...edges, store, keepOf });
    expect(await fixture.count("task")).toBe(1);
    over.resolve();
    await other;
    await retainOnlyKept({ ...edges, store, keepOf });
    expect(await fixture.count("task")).toBe(0);
  });
});

describe("the rules of retention", () => {
  it.each([
    [{ retention: { complete: { ageMs: -1 } } }, "retention.complete.ageMs"],
    [{ retention: { failed: { count: 1.5 } } }, "retention.failed.count"],
    [{ types: { t: { keep: { pending: { count: 1 } } as Retention } } }, "types.t.keep.pending"],
  ])("are refused with the field that is wrong: %j", async (options, field) => {
    const { again } = await fixtures.open("pglite");
    let refusal: unknown;
    try {
      again(options);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ code: "OPTIONS_INVALID", details: { issues: [{ field }] } });
  });
});
