import { testEngines } from "@core/database/testing";
import { systemClock } from "@core/registry";
import { createManualClock } from "@core/testing";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { createTasks } from "../create-tasks.ts";
import { createFaultyDatabase } from "../testing/faulty-database.ts";
import { passTime } from "../testing/pass-time.ts";
import { setScheduleClock } from "../testing/schedule-clock.ts";
import { scheduledTimes } from "../testing/scheduled-times.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const task = { type: "t" };

describe.each(testEngines)("a started worker on %s", (engine) => {
  it("sleeps until a schedule is due, at most 30 s, and looks at once when one is made", async () => {
    const clock = createManualClock();
    const fixture = await fixtures.open(engine, { clock });
    const { tasks } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const worker = tasks.createWorker({
      handlers: {},
      pollMs: 100_000,
      heartbeatMs: 50_000,
      deadAfterMs: 90_000,
    });
    onTestFinished(() => worker.stop());
    await worker.start();
    await vi.waitFor(() => expect(clock.waits()).toContain(30_000));
    await tasks.schedules.create({ every: "+7s", task });
    await vi.waitFor(() => expect(clock.waits()).toContain(7_000));
    expect(clock.waits()).not.toContain(30_000);
    await setScheduleClock(fixture, "2026-01-01T00:00:07Z");
    await clock.elapse(7_000);
    await vi.waitFor(async () => expect(await scheduledTimes(tasks)).toEqual(["01-01 00:00:07"]));
    await vi.waitFor(() => expect(clock.waits()).toContain(7_000));
  });

  it("looks at once when another process makes one", async () => {
    const clock = createManualClock();
    const fixture = await fixtures.open(engine, { clock });
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const worker = fixture.tasks.createWorker({ handlers: {}, pollMs: 100_000 });
    onTestFinished(() => worker.stop());
    await worker.start();
    await vi.waitFor(() => expect(clock.waits()).toContain(30_000));
    await fixture.again({ clock: systemClock }).schedules.create({ every: "+7s", task });
    await vi.waitFor(() => expect(clock.waits()).toContain(7_000));
  });

  it("leaves schedules to others when it is told to", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    await tasks.schedules.create({ every: "+7s", task });
    await setScheduleClock(fixture, "2026-01-01T00:00:07Z");
    const worker = tasks.createWorker({ handlers: {}, schedules: false });
    await worker.start();
    await worker.tick();
    await worker.stop();
    expect(await scheduledTimes(tasks)).toEqual([]);
  });

  it("fires nothing once it has been stopped", async () => {
    const clock = createManualClock();
    const fixture = await fixtures.open(engine, { clock });
    const { tasks } = fixture;
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    await tasks.schedules.create({ every: "+7s", task });
    const worker = tasks.createWorker({ handlers: {} });
    await worker.start();
    await worker.stop();
    await setScheduleClock(fixture, "2026-01-01T00:00:07Z");
    await worker.tick();
    await clock.elapse(60_000);
    expect(await scheduledTimes(tasks)).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  it("goes by the database's clock", async () => {
    const { tasks, database, schema } = await fixtures.open(engine);
    const { schedule } = await tasks.schedules.create({ every: "+1h", missed: "run_all", task });
    const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
    await worker.runUntilIdle();
    expect((await tasks.list()).items).toEqual([]);
    await passTime(database, 2 * 3_600_000, { schema });
    await worker.runUntilIdle();
    await worker.stop();
    const done = { state: "complete", reason: "scheduled" };
    expect((await tasks.list()).items).toMatchObject([done, done]);
    const { next_at: next } = (await tasks.schedules.get(schedule.id)) ?? {};
    expect(next).toEqual(new Date(schedule.created_at.getTime() + 3_600_000));
  });
});

describe.each(testEngines)("an outage of the database on %s", (engine) => {
  it("loses no occurrence: it is fired when the database is back", async () => {
    const clock = createManualClock();
    const fixture = await fixtures.open(engine);
    await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
    const faulty = createFaultyDatabase(fixture.database);
    const tasks = createTasks({ database: faulty.database, schema: fixture.schema, clock });
    await tasks.schedules.create({ every: "+7s", task });
    const worker = tasks.createWorker({
      handlers: {},
      pollMs: 100_000,
      heartbeatMs: 50_000,
      deadAfterMs: 90_000,
    });
    onTestFinished(() => worker.stop());
    await worker.start();
    await vi.waitFor(() => expect(clock.waits()).toContain(7_000));
    faulty.fail();
    await setScheduleClock(fixture, "2026-01-01T00:00:07Z");
    await clock.elapse(7_000);
    await vi.waitFor(() => expect(clock.waits()).toContain(1_000));
    faulty.work();
    await clock.elapse(1_000);
    await vi.waitFor(async () => expect(await scheduledTimes(fixture.tasks)).toEqual(["01-01 00:00:07"]));
  });
});
