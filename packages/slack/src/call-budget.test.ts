import { createManualClock } from "@core/testing";
import type { ManualClock } from "@core/testing";
import { describe, expect, test } from "vitest";
import { createCallBudget } from "./call-budget.ts";
import type { CallPlace } from "./call-limits.ts";

const signal = new AbortController().signal;
const NOW = { signal, longestWaitMs: 0 };
const PATIENT = { signal, longestWaitMs: 60_000 };

function post(channel: string, team = "T1"): CallPlace {
  return { team, method: "chat.postMessage", channel };
}

/** Makes calls until one is refused, and tells how many went. */
async function spend(budget: ReturnType<typeof createCallBudget>, place: CallPlace): Promise<number> {
  for (let calls = 0; ; calls += 1) {
    if ((await budget.admit(place, NOW).catch(() => "refused")) === "refused") return calls;
  }
}

/** When each of so many calls went, in milliseconds from the beginning. */
async function times(clock: ManualClock, place: CallPlace, calls: number): Promise<number[]> {
  const budget = createCallBudget(clock);
  const start = clock.now();
  const gone: number[] = [];
  const all = Promise.all(
    Array.from({ length: calls }, async () => {
      await budget.admit(place, { signal, longestWaitMs: 3_600_000 });
      gone.push(clock.now() - start);
    }),
  );
  while (gone.length < calls) await clock.elapse(50);
  await all;
  return gone;
}

test.each([
  [{ team: "T1", method: "reactions.remove" }, 20],
  [{ team: "T1", method: "conversations.info" }, 50],
  [{ team: "T1", method: "files.getUploadURLExternal" }, 100],
  [post("C1"), 5],
])("%j goes as often as Slack allows, and then not at once", async (place, most) => {
  const clock = createManualClock();
  const budget = createCallBudget(clock);
  expect(await spend(budget, place)).toBe(most);
  clock.advance(61_000);
  expect(await spend(budget, place)).toBe(most);
});

test.each([
  [post("C1"), 40, 5, 5_000],
  [{ team: "T1", method: "reactions.remove" }, 70, 20, 60_000],
])("no span holds more calls of %j than its tier, however many wait", async (place, calls, most, perMs) => {
  const gone = await times(createManualClock(), place, calls);
  const busiest = Math.max(...gone.map((at) => gone.filter((one) => one > at - perMs && one <= at).length));
  expect(busiest).toBe(most);
});

test("a workspace, a method and a channel have limits of their own", async () => {
  const budget = createCallBudget(createManualClock());
  await spend(budget, post("C1"));
  expect(await spend(budget, post("C2"))).toBe(5);
  expect(await spend(budget, post("C1", "T2"))).toBe(5);
  expect(await spend(budget, { team: "T1", method: "chat.update" })).toBe(50);
});

describe("how long until several calls may be made at once", () => {
  const remove = { team: "T1", method: "reactions.remove" };

  test("is told without counting any", async () => {
    const clock = createManualClock();
    const budget = createCallBudget(clock);
    await budget.admit(remove, NOW);
    clock.advance(20_000);
    for (let n = 0; n < 4; n += 1) await budget.admit(remove, NOW);
    expect([1, 15, 16, 17].map((calls) => budget.freeInMs(remove, calls))).toEqual([0, 0, 40_250, 60_250]);
    expect(await spend(budget, remove)).toBe(15);
    expect(budget.freeInMs(remove)).toBe(40_250);
  });

  test("takes in what Slack has asked, and the limit of the channel", async () => {
    const budget = createCallBudget(createManualClock());
    expect(budget.freeInMs(post("C1"), 5)).toBe(0);
    await budget.admit(post("C1"), NOW);
    expect(budget.freeInMs(post("C1"), 5)).toBe(5_250);
    budget.hold(post("C1"), 30_000);
    expect(budget.freeInMs(post("C1"))).toBe(30_000);
    expect(budget.freeInMs(post("C2"))).toBe(0);
  });

  test("is asked again in a while for more than Slack ever takes at once", () => {
    expect(createCallBudget(createManualClock()).freeInMs(remove, 21)).toBe(60_000);
  });
});

describe("when Slack asks to wait", () => {
  const update = { team: "T1", method: "chat.update" };

  test("the method waits, and no other does", async () => {
    const clock = createManualClock();
    const budget = createCallBudget(clock);
    budget.hold(update, 30_000);
    await expect(budget.admit(update, NOW)).rejects.toMatchObject({
      waitMs: 30_000,
      details: { sent: "no" },
    });
    await budget.admit({ team: "T1", method: "chat.delete" }, NOW);
    await budget.admit({ team: "T2", method: "chat.update" }, NOW);
    clock.advance(30_000);
    await budget.admit(update, NOW);
  });

  test("posts wait in that channel alone", async () => {
    const budget = createCallBudget(createManualClock());
    budget.hold(post("C1"), 30_000);
    await expect(budget.admit(post("C1"), NOW)).rejects.toThrow("in 30 s");
    await budget.admit(post("C2"), NOW);
  });

  test("without saying how long, it is a second", async () => {
    const budget = createCallBudget(createManualClock());
    budget.hold(update, 0);
    await expect(budget.admit(update, NOW)).rejects.toMatchObject({ waitMs: 1_000 });
  });

  test("those that wait already wait on", async () => {
    const clock = createManualClock();
    const budget = createCallBudget(clock);
    await spend(budget, post("C1"));
    let isGone = false;
    const waiting = budget.admit(post("C1"), PATIENT).then(() => (isGone = true));
    await clock.elapse(1_000);
    budget.hold(post("C1"), 20_000);
    await clock.elapse(15_000);
    expect(isGone).toBe(false);
    await clock.elapse(10_000);
    await waiting;
  });
});

test("a wait ends with its attempt, leaves no timer behind, and counts as no call", async () => {
  const clock = createManualClock();
  const budget = createCallBudget(clock);
  await spend(budget, post("C1"));
  const ending = new AbortController();
  const waiting = budget.admit(post("C1"), { ...PATIENT, signal: ending.signal });
  await clock.elapse(100);
  ending.abort();
  await expect(waiting).rejects.toMatchObject({ waitMs: undefined, details: { sent: "no" } });
  expect(clock.pending()).toBe(0);
  clock.advance(5_500);
  expect(await spend(budget, post("C1"))).toBe(5);
});

test("thousands of calls later the last ones still count", async () => {
  const clock = createManualClock();
  const budget = createCallBudget(clock);
  for (let channel = 0; channel < 5_000; channel += 1) {
    await budget.admit(post(`C${channel}`, `T${channel}`), NOW);
    clock.advance(500);
  }
  expect(await spend(budget, post("C4999", "T4999"))).toBe(4);
});
