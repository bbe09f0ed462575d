import { createManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import { taskFact } from "../testing/task-fact.ts";
import type { Audience } from "./audience.ts";
import { createEventOutbox } from "./event-outbox.ts";

const fact = taskFact("task.started", { run: 1 });

describe("the outbox of events", () => {
  it("sends what comes in one turn together, and then nothing for a moment", async () => {
    const { outbox, sent, clock } = setUp("present");
    outbox.add([fact]);
    outbox.add([fact]);
    await clock.elapse(0);
    expect(sent).toEqual([{ count: 2, gap: false }]);
    outbox.add([fact]);
    await clock.elapse(49);
    expect(sent).toHaveLength(1);
    outbox.add([fact]);
    await clock.elapse(1);
    expect(sent).toEqual([
      { count: 2, gap: false },
      { count: 2, gap: false },
    ]);
    expect(clock.pending()).toBe(0);
  });

  it("sends no more than a notification may hold, and the rest afterwards", async () => {
    const { outbox, sent, clock, sizes } = setUp("present");
    outbox.add(Array.from({ length: 150 }, () => taskFact("task.started", { lane: "ü".repeat(40) })));
    await clock.elapse(1_000);
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.reduce((sum, { count }) => sum + count, 0)).toBe(150);
    expect(Math.max(...sizes)).toBeLessThan(7_900);
  });

  it("sends a gap instead when more than two hundred wait, and what comes after it", async () => {
    const { outbox, sent, clock } = setUp("present");
    outbox.add(Array.from({ length: 150 }, () => fact));
    outbox.add(Array.from({ length: 51 }, () => fact));
    outbox.add([fact]);
    await clock.elapse(1_000);
    expect(sent).toEqual([{ count: 1, gap: true }]);
  });

  it("sends a gap for one that fits into no notification", async () => {
    const { outbox, sent, clock } = setUp("present");
    outbox.add([taskFact("task.started", { lane: "x".repeat(8_000) })]);
    await clock.elapse(1_000);
    expect(sent).toEqual([{ count: 0, gap: true }]);
  });

  it("says that something is missing after one that did not go, and waits for more before it tries again", async () => {
    const { outbox, sent, clock, fail } = setUp("present");
    fail(true);
    outbox.add([fact]);
    await clock.elapse(10_000);
    expect(clock.pending()).toBe(0);
    fail(false);
    outbox.add([fact]);
    await clock.elapse(0);
    expect(sent).toEqual([{ count: 1, gap: true }]);
  });

  it("keeps what happens until somebody answers", async () => {
    const { outbox, sent, clock, set } = setUp("asked");
    outbox.add([fact]);
    await clock.elapse(100);
    expect(sent).toEqual([]);
    outbox.answered();
    await clock.elapse(0);
    expect(sent).toEqual([{ count: 1, gap: false }]);
    set("absent");
    outbox.add([fact]);
    await clock.elapse(100);
    expect(sent).toHaveLength(1);
  });

  it("does not bring old news to one that comes later", async () => {
    const { outbox, sent, clock, set } = setUp("asked");
    outbox.add([fact]);
    await clock.elapse(100);
    set("absent");
    outbox.answered();
    await clock.elapse(100);
    expect(sent).toEqual([]);
  });
});

function setUp(first: ReturnType<Audience["state"]>) {
  const clock = createManualClock(0);
  const sent: { readonly count: number; readonly gap: boolean }[] = [];
  const sizes: number[] = [];
  let state = first;
  let fails = false;
  const outbox = createEventOutbox({
    clock,
    audience: {
      state: () => state,
      heard: () => void (state = "present"),
      forget: () => {},
    },
    async send(rows, gap) {
      if (fails) throw new Error("The connection is lost.");
      sizes.push(Buffer.byteLength(rows.join(",")));
      sent.push({ count: rows.length, gap });
    },
  });
  const set = (next: typeof state): void => void (state = next);
  const fail = (next: boolean): void => void (fails = next);
  return { outbox, sent, sizes, clock, set, fail };
}
