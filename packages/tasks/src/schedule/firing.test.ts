import { testEngines } from "@core/database/testing";
import { createRecordingLogger } from "@core/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { setScheduleClock } from "../testing/schedule-clock.ts";
import { fireSchedules, scheduledTimes } from "../testing/scheduled-times.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import type { MissedPolicy } from "./schedule.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const task = { type: "t" };

describe.each(testEngines)("a schedule on %s", (engine) => {
  it("makes one task for each occurrence, and goes on", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const { schedule } = await tasks.schedules.create({
      every: "+30s",
      task: { ...task, payload: { n: 1 } },
    });
    for (const at of ["00:00:29", "00:00:30", "00:00:31", "00:01:30"]) {
      await setScheduleClock(fixture, `2026-01-01T${at}Z`);
      await fireSchedules(tasks);
    }
    expect(await scheduledTimes(tasks)).toEqual(["01-01 00:00:30", "01-01 00:01:00", "01-01 00:01:30"]);
    const { last_task_id: last } = (await tasks.schedules.get(schedule.id)) ?? {};
    expect(await tasks.schedules.get(schedule.id)).toMatchObject({
      next_at: new Date("2026-01-01T00:02:00Z"),
      last_at: new Date("2026-01-01T00:01:30Z"),
      run_count: 3,
      failed_count: 0,
      last_error: null,
    });
    expect(await tasks.get(last ?? "")).toMatchObject({
      reason: "scheduled",
      payload: { n: 1 },
      idempotency_key: `schedule:${schedule.id}:2026-01-01T00:01:30.000Z`,
    });
  });

  it("does not drift, however late it is", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const { schedule } = await tasks.schedules.create({ every: "+10m", task });
    await setScheduleClock(fixture, "2026-01-01T00:10:47.500Z");
    await fireSchedules(tasks);
    expect(await tasks.schedules.get(schedule.id)).toMatchObject({
      next_at: new Date("2026-01-01T00:20:00Z"),
    });
  });

  it("that several workers come to at once makes one task for each occurrence", async () => {
    const fixture = await fixtures.open(engine);
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    for (let n = 0; n < 20; n += 1) await fixture.tasks.schedules.create({ every: "+1m", task });
    await setScheduleClock(fixture, "2026-01-01T00:01:00Z");
    await Promise.all(Array.from({ length: 4 }, () => fireSchedules(fixture.again())));
    expect(await scheduledTimes(fixture.tasks)).toEqual(Array.from({ length: 20 }, () => "01-01 00:01:00"));
  });

  it("makes its task and its next time in one transaction", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, store, count } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const { schedule } = await tasks.schedules.create({ every: "+1m", task });
    await sql`alter table ${store.table("schedule")} add constraint stays check (run_count = 0)`.execute(
      store.db,
    );
    await setScheduleClock(fixture, "2026-01-01T00:01:00Z");
    await fireSchedules(tasks);
    expect([await count("task"), (await tasks.schedules.get(schedule.id))?.next_at]).toEqual([
      0,
      new Date("2026-01-01T00:01:00Z"),
    ]);
    await sql`alter table ${store.table("schedule")} drop constraint stays`.execute(store.db);
    await fireSchedules(tasks);
    expect(await scheduledTimes(tasks)).toEqual(["01-01 00:01:00"]);
  });

  it.each<[MissedPolicy, number, readonly string[]]>([
    ["skip", 100, []],
    ["run_once", 100, ["01-01 03:00:00"]],
    ["run_all", 100, ["01-01 01:00:00", "01-01 02:00:00", "01-01 03:00:00"]],
    ["run_all", 2, ["01-01 02:00:00", "01-01 03:00:00"]],
  ])("that is to %s what was missed, at most %i, does so after an outage", async (missed, max, times) => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const { schedule } = await tasks.schedules.create({ every: "+1h", missed, max_missed: max, task });
    await setScheduleClock(fixture, "2026-01-01T03:30:00Z");
    await fireSchedules(tasks);
    await fireSchedules(tasks);
    expect(await scheduledTimes(tasks)).toEqual(times);
    expect(await tasks.schedules.get(schedule.id)).toMatchObject({
      next_at: new Date("2026-01-01T04:00:00Z"),
      run_count: times.length,
    });
  });

  it("that is paused over occurrences goes on with the next one and makes up for none", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const { schedule } = await tasks.schedules.create({ every: "+1h", missed: "run_all", task });
    const paused = await tasks.schedules.pause(schedule.id);
    await setScheduleClock(fixture, "2026-01-01T02:30:00Z");
    await fireSchedules(tasks);
    const resumed = await tasks.schedules.resume(schedule.id);
    await fireSchedules(tasks);
    expect(paused).toMatchObject({ next_at: null, paused_at: new Date("2026-01-01T00:00:00Z") });
    expect(resumed).toMatchObject({ next_at: new Date("2026-01-01T03:00:00Z"), paused_at: null });
    expect(await scheduledTimes(tasks)).toEqual([]);
  });

  it("ends after its last occurrence and stays to be read", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const ends_at = new Date("2026-01-01T02:00:00Z");
    const { schedule } = await tasks.schedules.create({ every: "+1h", ends_at, missed: "run_all", task });
    await setScheduleClock(fixture, "2026-01-01T08:00:00Z");
    await fireSchedules(tasks);
    expect(await scheduledTimes(tasks)).toEqual(["01-01 01:00:00", "01-01 02:00:00"]);
    expect(await tasks.schedules.get(schedule.id)).toMatchObject({ next_at: null, run_count: 2 });
  });
});

describe.each(testEngines)("a schedule whose task cannot be made on %s", (engine) => {
  it("says so, goes on, and stops no other", async () => {
    const logger = createRecordingLogger();
    const fixture = await fixtures.open(engine, { logger });
    const { tasks, dispatchers } = fixture;
    const forget = dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const chatting = { ...task, dispatch_type: "chat", dispatch_config: {} };
    const { schedule } = await tasks.schedules.create({ name: "chat", every: "+1m", task: chatting });
    await tasks.schedules.create({ every: "+1m", starts_at: new Date("2026-01-01T00:01:00.001Z"), task });
    forget();
    await setScheduleClock(fixture, "2026-01-01T00:01:10Z");
    await fireSchedules(tasks);
    expect(await scheduledTimes(tasks)).toEqual(["01-01 00:01:00"]);
    expect(await tasks.schedules.get(schedule.id)).toMatchObject({
      next_at: new Date("2026-01-01T00:02:00Z"),
      run_count: 0,
      failed_count: 1,
      last_error: expect.stringContaining('"chat" is not a known dispatch type'),
    });
    expect(logger.entries).toContainEqual(
      expect.objectContaining({
        level: "error",
        fields: expect.objectContaining({ schedule_id: schedule.id, name: "chat" }),
      }),
    );

    dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    await setScheduleClock(fixture, "2026-01-01T00:02:10Z");
    await fireSchedules(tasks);
    expect(await tasks.schedules.get(schedule.id)).toMatchObject({
      run_count: 1,
      failed_count: 1,
      last_error: null,
    });
  });

  it("because the database refuses it says so, goes on, and stops no other", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, store } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const { schedule } = await tasks.schedules.create({ every: "+1m", task: { type: "refused" } });
    await tasks.schedules.create({ every: "+61s", task });
    await sql`alter table ${store.table("task")} add check (type <> 'refused')`.execute(store.db);
    await setScheduleClock(fixture, "2026-01-01T00:01:10Z");
    await fireSchedules(tasks);
    expect(await scheduledTimes(tasks)).toEqual(["01-01 00:01:01"]);
    expect(await tasks.schedules.get(schedule.id)).toMatchObject({
      failed_count: 1,
      last_error: expect.stringContaining("check"),
    });
  });
});

describe.each(testEngines)("a database in trouble on %s", (engine) => {
  it("loses no occurrence: the schedule stays due, and the others are fired", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, store } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const { schedule } = await tasks.schedules.create({ every: "+1m", task: { type: "unlucky" } });
    await tasks.schedules.create({ every: "+61s", task });
    const full = sql.id(fixture.schema, "full");
    await sql`create function ${full}() returns trigger language plpgsql
      as $$ begin raise exception 'No space left.' using errcode = '53100'; end $$`.execute(store.db);
    await sql`create trigger full_disk before insert on ${store.table("task")} for each row
      when (new.type = 'unlucky') execute function ${full}()`.execute(store.db);
    await setScheduleClock(fixture, "2026-01-01T00:01:10Z");
    await fireSchedules(tasks);
    expect(await scheduledTimes(tasks)).toEqual(["01-01 00:01:01"]);
    expect(await tasks.schedules.get(schedule.id)).toMatchObject({ failed_count: 0, last_error: null });
    await sql`drop trigger full_disk on ${store.table("task")}`.execute(store.db);
    await fireSchedules(tasks);
    expect(await scheduledTimes(tasks)).toEqual(["01-01 00:01:00", "01-01 00:01:01"]);
  });
});

describe.each(testEngines)("a task of a schedule on %s", (engine) => {
  it("that fails leaves the schedule alone", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const { schedule } = await tasks.schedules.create({ every: "+1m", task: { type: "t", max_attempts: 1 } });
    await setScheduleClock(fixture, "2026-01-01T00:01:00Z");
    const worker = tasks.createWorker({ handlers: { t: () => Promise.reject(new Error("No.")) } });
    await worker.runUntilIdle();
    await worker.stop();
    const { items } = await tasks.list();
    expect(items.map(({ state }) => state)).toEqual(["failed"]);
    expect(await tasks.schedules.get(schedule.id)).toMatchObject({
      next_at: new Date("2026-01-01T00:02:00Z"),
      failed_count: 0,
      last_error: null,
    });
  });

  it("with a dedupe key is not made while the one before has not ended", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const alone = { ...task, dedupe: { key: "alone" } };
    const { schedule } = await tasks.schedules.create({ every: "+1m", task: alone });
    for (const minute of [1, 2]) {
      await setScheduleClock(fixture, `2026-01-01T00:0${minute}:00Z`);
      await fireSchedules(tasks);
    }
    expect(await scheduledTimes(tasks)).toEqual(["01-01 00:01:00"]);
    expect(await tasks.schedules.get(schedule.id)).toMatchObject({ run_count: 1, last_error: null });
  });
});
