import { silentLogger } from "@core/registry";
import { createManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import type { TaskWithDeliveries } from "../task/task.ts";
import { taskFact } from "../testing/task-fact.ts";
import { createEventRing } from "./event-ring.ts";
import type { TaskFact } from "./task-event.ts";
import type { TaskStand } from "./task-stand.ts";
import { watchTask } from "./watch-task.ts";

describe("watching", () => {
  it("looks at the row at once after a gap", async () => {
    const { ring, rows, settle, lines } = setUp();
    rows.push({ state: "running", run: 1 });
    ring.add({ type: "gap", at: new Date(0) });
    await settle();
    expect(lines).toEqual(["snapshot", "task.started 1"]);
  });

  it("looks at the row when it hears of what does not follow from what it knows", async () => {
    const { hear, rows, settle, lines, ended } = setUp();
    rows.push({ state: "complete", run: 2, attempt: 2 });
    hear("task.completed", { run: 2 });
    await settle();
    expect(lines).toEqual(["snapshot", "task.started 2", "task.completed 2"]);
    await ended;
  });

  it("says nothing twice, whether it heard it twice or has read it before", async () => {
    const { hear, settle, lines, rows, clock } = setUp();
    rows.push({ state: "running", run: 1 });
    hear("task.started", { run: 1 });
    hear("task.started", { run: 1 });
    hear("task.log", { run: 1, n: 2 });
    hear("task.log", { run: 1, n: 2 });
    hear("task.progress", { run: 1, n: 1 });
    await settle();
    await clock.elapse(2_000);
    hear("task.log", { run: 1, n: 2 });
    hear("task.log", { run: 1, n: 3 });
    await settle();
    expect(lines).toEqual(["snapshot", "task.started 1", "task.log 1", "task.log 1"]);
  });

  it("leaves other tasks and late news alone", async () => {
    const { hear, settle, lines } = setUp({ state: "running", run: 2 });
    hear("task.retrying", { run: 1 });
    hear("task.completed", { run: 2, task_id: "other" });
    await settle();
    expect(lines).toEqual(["snapshot"]);
  });

  it("goes on when the row cannot be read for a while", async () => {
    const { rows, settle, lines, clock } = setUp();
    rows.push(new Error("The connection is lost."));
    await clock.elapse(2_000);
    await settle();
    rows.push({ state: "cancelled", run: 0 });
    await clock.elapse(2_000);
    await settle();
    expect(lines).toEqual(["snapshot", "task.cancelled 0"]);
  });

  it("ends with an error when somebody has deleted the row", async () => {
    const { rows, clock, ended } = setUp();
    rows.push(null);
    await clock.elapse(2_000);
    await expect(ended).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it("leaves no listener and no timer behind", async () => {
    const { hear, settle, ended, clock, ring } = setUp();
    hear("task.cancelled");
    await settle();
    await ended;
    expect(clock.pending()).toBe(0);
    clock.advance(60_000);
    expect(ring.isOpen).toBe(false);
  });
});

const pending: TaskStand = {
  id: "t",
  type: "mail",
  queue: "default",
  lane: null,
  state: "pending",
  attempt: 0,
  run: 0,
  failure_code: null,
  run_at: new Date(0),
  started_at: null,
  finished_at: null,
  progress: null,
  log: [],
};

/** A watcher of the task `t`; `rows` are what it finds when it looks. */
function setUp(first: Partial<TaskStand> = {}) {
  const clock = createManualClock(0);
  const ring = createEventRing({ clock, logger: silentLogger });
  const rows: (Partial<TaskStand> | Error | null)[] = [];
  const lines: string[] = [];
  let last: TaskStand = { ...pending, ...first };
  const ended = watch();
  ended.catch(() => {});
  const hear = (type: TaskFact["type"], given: Parameters<typeof taskFact>[1] = {}): void =>
    ring.add(taskFact(type, given));
  return { clock, ring, rows, lines, ended, hear, settle: () => clock.elapse(0) };

  async function watch(): Promise<void> {
    const deps = {
      feed: ring,
      clock,
      logger: silentLogger,
      read: async () => ({ task: { id: "t" } as TaskWithDeliveries, stand: last }),
      readStand: async () => {
        const row = rows.shift();
        if (row instanceof Error) throw row;
        if (row === null) return null;
        last = { ...last, ...row };
        return last;
      },
    };
    for await (const event of watchTask(deps, "t"))
      lines.push(event.type === "snapshot" ? event.type : `${event.type} ${event.run}`);
  }
}
