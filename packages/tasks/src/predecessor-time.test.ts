import { testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { ranWith } from "./testing/ran-with.ts";
import { setScheduleClock } from "./testing/schedule-clock.ts";
import { scheduledTimes } from "./testing/scheduled-times.ts";
import { createTasksFixtures } from "./testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const task = { type: "t" };

describe.each(testEngines)("what the predecessor got wrong about time, on %s", (engine) => {
  it("T9: an occurrence makes one task, however many workers look at it at the same time", async () => {
    const { fixture, tasks } = await atMidnight(engine);
    await tasks.schedules.create({ every: "+30m", task });
    await setScheduleClock(fixture, "2026-01-01T00:30:00Z");
    const workers = [tasks, fixture.again(), fixture.again()].map((own) =>
      own.createWorker({ handlers: {} }),
    );
    await Promise.all(workers.map((worker) => worker.tick()));
    expect(await scheduledTimes(tasks)).toEqual(["01-01 00:30:00"]);
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  it("T9: a task that fails leaves its schedule alone, and a schedule that fails leaves the others alone", async () => {
    const { fixture, tasks } = await atMidnight(engine);
    fixture.dispatchers.register("chat", { deliver: () => Promise.reject(new Error()) }, { owner: "test" });
    const broken = { type: "t", dispatch_type: "chat", dispatch_config: {} };
    const { schedule } = await tasks.schedules.create({ every: "+1h", task: broken });
    await tasks.schedules.create({ every: "+1h", task: { type: "t", max_attempts: 1 } });
    const elsewhere = fixture.again({ dispatchers: (await fixtures.open(engine)).dispatchers });
    const worker = elsewhere.createWorker({
      handlers: { t: () => Promise.reject(new Error("The task fails.")) },
    });
    for (const hour of ["01", "02"]) {
      await setScheduleClock(fixture, `2026-01-01T${hour}:00:00Z`);
      await worker.runUntilIdle();
    }
    expect(await scheduledTimes(tasks)).toEqual(["01-01 01:00:00", "01-01 02:00:00"]);
    expect(await tasks.schedules.get(schedule.id)).toMatchObject({ failed_count: 2, run_count: 0 });
    await worker.stop();
  });

  it.each(["+0h", "+0m", "0s"])("zero: the interval %s is refused", async (every) => {
    const { tasks } = await atMidnight(engine);
    await expect(tasks.schedules.create({ every, task })).rejects.toMatchObject({
      code: "SCHEDULE_INVALID",
      details: { issues: [{ field: "every" }] },
    });
  });

  it("first run: an interval without a start begins one interval after it was made", async () => {
    const { fixture, tasks } = await atMidnight(engine);
    const { schedule } = await tasks.schedules.create({ every: "+2h", task });
    expect(schedule.next_at).toEqual(new Date("2026-01-01T02:00:00Z"));
    await setScheduleClock(fixture, "2026-01-01T02:00:00Z");
    await ranWith(tasks);
    expect(await scheduledTimes(tasks)).toEqual(["01-01 02:00:00"]);
  });

  it("outage: what was missed is made up for by one task, not by one for every missed time", async () => {
    const { fixture, tasks } = await atMidnight(engine);
    await tasks.schedules.create({ every: "+10m", task });
    await setScheduleClock(fixture, "2026-01-01T09:05:00Z");
    await ranWith(tasks);
    await ranWith(tasks);
    expect(await scheduledTimes(tasks)).toHaveLength(1);
  });

  it("T18: what is paused is stored, does not run, and goes on where it was", async () => {
    const { tasks } = await fixtures.open(engine);
    await tasks.pause({ queue: "default" });
    for (const payload of [1, 2]) await tasks.enqueue({ type: "t", payload });
    expect(await ranWith(tasks)).toEqual([]);
    await tasks.enqueue({ type: "t", payload: 3 });
    await tasks.resume({ queue: "default" });
    expect(await ranWith(tasks)).toEqual([1, 2, 3]);
  });
});

async function atMidnight(engine: (typeof testEngines)[number]) {
  const fixture = await fixtures.open(engine);
  await setScheduleClock(fixture, "2026-01-01T00:00:00Z");
  return { fixture, tasks: fixture.tasks };
}
