import { testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { setScheduleClock } from "../testing/schedule-clock.ts";
import { fireSchedules, scheduledTimes } from "../testing/scheduled-times.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const task = { type: "t" };
const nobody = "01920000-0000-7000-8000-000000000000";

describe.each(testEngines)("a new schedule on %s", (engine) => {
  it("is as it was given, with what was left open", async () => {
    const { tasks } = await midnight(engine);
    const { schedule, created } = await tasks.schedules.create({
      cron: " 0 9 * * 1-5 ",
      task: { ...task, payload: { starts_at: "2026-01-01T00:00:00Z" }, lane: "l" },
    });
    expect(created).toBe(true);
    expect(schedule).toEqual({
      id: expect.any(String),
      name: null,
      every: null,
      cron: "0 9 * * 1-5",
      timezone: "UTC",
      starts_at: null,
      ends_at: null,
      missed: "run_once",
      max_missed: 100,
      task: { ...task, payload: { starts_at: "2026-01-01T00:00:00Z" }, lane: "l" },
      next_at: new Date("2026-01-01T09:00:00Z"),
      last_at: null,
      last_task_id: null,
      run_count: 0,
      failed_count: 0,
      last_error: null,
      paused_at: null,
      created_at: new Date("2026-01-01T00:00:00Z"),
    });
    expect(await tasks.schedules.get(schedule.id)).toEqual(schedule);
  });

  it("begins one interval after it was made, or with its start, which may lie in the past", async () => {
    const { tasks } = await midnight(engine);
    const first = async (starts_at?: string): Promise<Date | null> => {
      const given = starts_at === undefined ? {} : { starts_at: new Date(starts_at) };
      return (await tasks.schedules.create({ every: "+6h", ...given, task })).schedule.next_at;
    };
    expect(await first()).toEqual(new Date("2026-01-01T06:00:00Z"));
    expect(await first("2026-01-03T12:00:00Z")).toEqual(new Date("2026-01-03T12:00:00Z"));
    expect(await first("2025-12-24T05:00:00Z")).toEqual(new Date("2026-01-01T05:00:00Z"));
  });

  it("exists if and only if the transaction commits that makes it", async () => {
    const { tasks, database } = await midnight(engine);
    const make = (isToFail: boolean): Promise<void> =>
      database.kysely.transaction().execute(async (trx) => {
        await tasks.schedules.create({ name: `fails ${isToFail}`, every: "+1h", task }, { trx });
        if (isToFail) throw new Error("Undone.");
      });
    await make(false);
    await expect(make(true)).rejects.toThrow("Undone.");
    const { items } = await tasks.schedules.list();
    expect(items.map(({ name }) => name)).toEqual(["fails false"]);
  });
});

describe.each(testEngines)("a name on %s", (engine) => {
  it("gives its schedule back to those who say the same, however many at once", async () => {
    const fixture = await midnight(engine);
    const declare = { name: "report", cron: "0 9 * * *", task: { ...task, payload: { b: 1, a: [2] } } };
    const receipts = await Promise.all(
      Array.from({ length: 4 }, () => fixture.again().schedules.create(declare)),
    );
    expect(receipts.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(receipts.map(({ schedule }) => schedule.id)).size).toBe(1);
    await fixture.tasks.schedules.update(receipts[0]?.schedule.id ?? "", { cron: "0 10 * * *" });
    const again = await fixture.tasks.schedules.create({ ...declare, cron: "0 10 * * *" });
    expect(again.created).toBe(false);
  });

  it("is refused to those who say something else", async () => {
    const { tasks } = await midnight(engine);
    const { schedule } = await tasks.schedules.create({ name: "report", every: "+1h", task });
    await expect(tasks.schedules.create({ name: "report", every: "+2h", task })).rejects.toMatchObject({
      code: "SCHEDULE_CONFLICT",
      message: expect.stringContaining(`"report" belongs to schedule ${schedule.id}`),
      details: { id: schedule.id, issues: [{ field: "name" }] },
    });
    const other = await tasks.schedules.create({ name: "other", every: "+1h", task });
    await expect(tasks.schedules.update(other.schedule.id, { name: "report" })).rejects.toMatchObject({
      code: "SCHEDULE_CONFLICT",
    });
  });
});

describe.each(testEngines)("a change on %s", (engine) => {
  it("of the rule plans anew from now on, and of anything else does not", async () => {
    const fixture = await midnight(engine);
    const { schedules } = fixture.tasks;
    const { id } = (await schedules.create({ every: "+1h", task })).schedule;
    await setScheduleClock(fixture, "2026-01-01T00:20:00Z");
    expect(await schedules.update(id, { missed: "skip", task: { type: "u" } })).toMatchObject({
      missed: "skip",
      task: { type: "u" },
      next_at: new Date("2026-01-01T01:00:00Z"),
    });
    expect(await schedules.update(id, { every: "+3h" })).toMatchObject({
      next_at: new Date("2026-01-01T03:20:00Z"),
    });
    expect(await schedules.update(id, { cron: "30 5 * * *", timezone: "Europe/Berlin" })).toMatchObject({
      every: null,
      timezone: "Europe/Berlin",
      next_at: new Date("2026-01-01T04:30:00Z"),
    });
    expect(await schedules.update(id, { ends_at: new Date("2026-01-01T04:00:00Z") })).toMatchObject({
      next_at: null,
    });
    expect(await schedules.update(id, { ends_at: null, timezone: null, name: "n" })).toMatchObject({
      name: "n",
      timezone: "UTC",
      next_at: new Date("2026-01-01T05:30:00Z"),
    });
    expect(await schedules.update(id, { every: "+1d" })).toMatchObject({ cron: null, timezone: null });
  });

  it("of its end keeps an interval on its beat", async () => {
    const fixture = await midnight(engine);
    const { schedules } = fixture.tasks;
    const { id } = (await schedules.create({ every: "+1h", task })).schedule;
    await setScheduleClock(fixture, "2026-01-01T00:20:00Z");
    expect(await schedules.update(id, { ends_at: new Date("2027-01-01T00:00:00Z") })).toMatchObject({
      next_at: new Date("2026-01-01T01:00:00Z"),
    });
  });

  it("of a paused one leaves it paused, and is refused like a new one", async () => {
    const { tasks } = await midnight(engine);
    const { id } = (await tasks.schedules.create({ every: "+1h", task })).schedule;
    await tasks.schedules.pause(id);
    expect(await tasks.schedules.update(id, { every: "+2h" })).toMatchObject({ next_at: null });
    await expect(tasks.schedules.update(id, { every: "+0m" })).rejects.toMatchObject({
      code: "SCHEDULE_INVALID",
      message: expect.stringContaining("The schedule was not changed. every:"),
    });
    await expect(tasks.schedules.update(id, { task: { type: "agent" } })).rejects.toMatchObject({
      details: { issues: [{ field: "task.prompt" }] },
    });
    expect(await tasks.schedules.resume(id)).toMatchObject({
      every: "+2h",
      next_at: new Date("2026-01-01T02:00:00Z"),
    });
  });
});

describe.each(testEngines)("running one now on %s", (engine) => {
  it("makes a task at once and leaves the rhythm alone, also while it is paused", async () => {
    const fixture = await midnight(engine);
    const { tasks } = fixture;
    const { schedule } = await tasks.schedules.create({ every: "+1h", task });
    const made = await tasks.schedules.runNow(schedule.id);
    expect(made).toMatchObject({ type: "t", reason: "scheduled", state: "pending", scheduled_at: null });
    expect(await tasks.schedules.get(schedule.id)).toEqual({
      ...schedule,
      run_count: 1,
      last_task_id: made?.id,
    });
    await tasks.schedules.pause(schedule.id);
    expect(await tasks.schedules.runNow(schedule.id)).toMatchObject({ state: "pending" });
    await tasks.schedules.resume(schedule.id);
    await setScheduleClock(fixture, "2026-01-01T01:00:00Z");
    await fireSchedules(tasks);
    expect(await scheduledTimes(tasks)).toEqual(["01-01 01:00:00"]);
  });

  it("says why when its task cannot be made", async () => {
    const { tasks, dispatchers } = await midnight(engine);
    const forget = dispatchers.register("chat", recordingDispatcher(), { owner: "test" });
    const chatting = { ...task, dispatch_type: "chat", dispatch_config: {} };
    const { schedule } = await tasks.schedules.create({ every: "+1h", task: chatting });
    forget();
    await expect(tasks.schedules.runNow(schedule.id)).rejects.toMatchObject({
      code: "DISPATCH_TYPE_UNKNOWN",
    });
    expect(await tasks.schedules.get(schedule.id)).toEqual(schedule);
  });
});

describe.each(testEngines)("a preview on %s", (engine) => {
  it("tells the next times of a schedule, also of a paused one", async () => {
    const { tasks } = await midnight(engine);
    const { schedule } = await tasks.schedules.create({ every: "+8h", task });
    await tasks.schedules.pause(schedule.id);
    const times = ["2026-01-01T08:00:00Z", "2026-01-01T16:00:00Z"].map((time) => new Date(time));
    expect(await tasks.schedules.preview(schedule.id, { count: 2 })).toEqual(times);
    const from = new Date("2026-02-01T00:00:00Z");
    expect(await tasks.schedules.preview(schedule.id, { count: 1, from })).toEqual([
      new Date("2026-02-01T08:00:00Z"),
    ]);
  });

  it("tells those of a rule that is not stored", async () => {
    const { tasks } = await midnight(engine);
    expect(await tasks.schedules.preview({ every: "+1d" }, { count: 1 })).toEqual([
      new Date("2026-01-02T00:00:00Z"),
    ]);
    expect(await tasks.schedules.preview({ cron: "0 0 1 * *", timezone: "America/New_York" })).toHaveLength(
      10,
    );
    await expect(tasks.schedules.preview({ cron: "0 0 * *" })).rejects.toMatchObject({
      code: "SCHEDULE_INVALID",
    });
    expect((await tasks.schedules.list()).items).toEqual([]);
  });
});

describe.each(testEngines)("schedules on %s", (engine) => {
  it("are listed in pages, newest first, and can be deleted", async () => {
    const { tasks } = await midnight(engine);
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      ids.unshift((await tasks.schedules.create({ every: "+1h", task })).schedule.id);
    }
    const first = await tasks.schedules.list({ limit: 3 });
    const second = await tasks.schedules.list({ limit: 3, cursor: first.next_cursor ?? "" });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.next_cursor).toBeNull();
    expect(await tasks.schedules.delete(ids[0] ?? "")).toBe(true);
    expect(await tasks.schedules.delete(ids[0] ?? "")).toBe(false);
    expect((await tasks.schedules.list()).items).toHaveLength(4);
  });

  it("that do not exist are null to all who ask", async () => {
    const { schedules } = (await midnight(engine)).tasks;
    for (const id of [nobody, "42"]) {
      const answers = [
        schedules.get(id),
        schedules.update(id, { every: "+1h" }),
        schedules.pause(id),
        schedules.resume(id),
        schedules.runNow(id),
        schedules.preview(id),
      ];
      expect(await Promise.all(answers)).toEqual(answers.map(() => null));
      expect(await schedules.delete(id)).toBe(false);
    }
  });
});

/** Fresh tables, at the first midnight of 2026. */
async function midnight(engine: (typeof testEngines)[number]): Promise<TasksFixture> {
  const fixture = await fixtures.open(engine);
  await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
  return fixture;
}
