import type { StoragePort } from "@core/registry";
import { createManualClock } from "@core/testing";
import type { ManualClock } from "@core/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { StatusRig, StatusRigOptions } from "../../test/status-rig.ts";
import { createStatusRig } from "../../test/status-rig.ts";
import type { CallBudget } from "../call-budget.ts";
import { createCallBudget } from "../call-budget.ts";
import type { FakeSlack } from "../testing.ts";
import { POST_ONLY_TOKEN, rateLimited, refusal, startFakeSlack, unavailable } from "../testing.ts";

type Wait = Parameters<ManualClock["after"]>;
type Stored = Parameters<StoragePort["set"]>;

const ADD = "reactions.add";
const REMOVE = "reactions.remove";
const HOURGLASS = "hourglass_flowing_sand";
const DONE = "white_check_mark";

/** A new one for each test, so that none is woken by what another has left. */
let clock: ManualClock;
let slack: FakeSlack;
let message: string;
beforeAll(async () => {
  slack = await startFakeSlack({
    clock: { now: () => clock.now(), after: (...wait: Wait) => clock.after(...wait) },
  });
});
beforeEach(async () => {
  clock = createManualClock();
  await slack.reset();
  message = await slack.say("What is new?");
});
afterAll(() => slack.close());

function rigOf(options: Partial<StatusRigOptions> = {}): StatusRig {
  return createStatusRig({ slack, clock, ...options });
}

/** The calls so far, such as `reactions.add x`. */
function calls(): string[] {
  return slack.calls.map(({ method, form }) => `${method} ${form["name"]}`);
}

describe("a run", () => {
  test("shows an hourglass, then its tools, and in the end that it is done", async () => {
    const rig = rigOf();
    const run = rig.runOn(message);
    await run.begin();
    await rig.show();
    expect(await slack.reactions(message)).toEqual([HOURGLASS]);
    await run.call("web_search");
    await rig.show();
    expect(await slack.reactions(message)).toEqual([HOURGLASS, "mag"]);
    await run.answer();
    await run.end();
    await rig.show();
    expect(await slack.reactions(message)).toEqual([DONE]);
    expect(clock.pending()).toBe(0);
  });

  test.each([
    ["failed", ["x"]],
    ["complete", [DONE]],
    ["cancelled", []],
  ] as const)("that is %s in the end shows %j", async (status, shown) => {
    const rig = rigOf();
    const run = rig.runOn(message);
    await run.begin();
    await rig.show();
    await run.answer(status === "failed");
    await run.end(status);
    await rig.show();
    expect(await slack.reactions(message)).toEqual(shown);
  });

  test("of whose task nobody tells the end leaves nothing when it has failed, as when it was cancelled", async () => {
    const rig = rigOf();
    const run = rig.runOn(message);
    await run.begin();
    await rig.show();
    await run.answer(true);
    await clock.elapse(5_000);
    await rig.show();
    expect(await slack.reactions(message)).toEqual([]);
  });

  test("of whose task nobody tells the end is done when its agent has answered", async () => {
    const rig = rigOf();
    const run = rig.runOn(message);
    await run.begin();
    await rig.show();
    await run.answer();
    await clock.elapse(5_000);
    await rig.show();
    expect(await slack.reactions(message)).toEqual([DONE]);
  });

  test("that shows no sign of life for hours is forgotten", async () => {
    const rig = rigOf();
    await rig.runOn(message).begin();
    await rig.show();
    await clock.elapse(2 * 3_600_000);
    await rig.show();
    expect(await slack.reactions(message)).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  test("that is tried again at once keeps its hourglass", async () => {
    const rig = rigOf();
    const run = rig.runOn(message);
    await run.begin();
    await rig.show();
    await run.answer(true);
    await run.begin();
    await clock.elapse(5_000);
    await rig.show();
    expect(await slack.reactions(message)).toEqual([HOURGLASS]);
    await run.end();
    await rig.show();
    expect(await slack.reactions(message)).toEqual([DONE]);
  });

  test("that is over in no time costs one call", async () => {
    const rig = rigOf();
    const run = rig.runOn(message);
    await run.begin();
    await run.call("search");
    await run.answer();
    await run.end();
    await rig.show();
    expect(calls()).toEqual([`${ADD} ${DONE}`]);
  });

  test("shows each emoji once, however often its tools are called", async () => {
    const rig = rigOf();
    const run = rig.runOn(message);
    await run.begin();
    for (const tool of ["search", "search", "find_person", "shell", "search"]) {
      await run.call(tool);
      await rig.show();
    }
    await run.end();
    await rig.show();
    const names = [HOURGLASS, "mag", "computer"];
    expect(calls().toSorted()).toEqual(
      [
        `${ADD} ${DONE}`,
        ...names.map((name) => `${ADD} ${name}`),
        ...names.map((name) => `${REMOVE} ${name}`),
      ].toSorted(),
    );
  });

  test("that did not come from a message in Slack shows nothing", async () => {
    const rig = rigOf();
    const nowhere = rig.runOn("today");
    await nowhere.begin();
    expect(await nowhere.call("search")).toEqual({ allowed: true });
    await nowhere.end();
    await rig.show();
    expect(slack.calls).toEqual([]);
  });

  test("goes on beside another one on the same message", async () => {
    const rig = rigOf();
    const [one, two] = [rig.runOn(message, "one"), rig.runOn(message, "two")];
    await one.begin();
    await two.begin();
    await rig.show();
    await one.end();
    await rig.show();
    expect(await slack.reactions(message)).toEqual([HOURGLASS]);
    await two.end();
    await rig.show();
    expect(await slack.reactions(message)).toEqual([DONE]);
  });
});

describe("the order of events", () => {
  test("does not matter to a tool that is told after the end", async () => {
    const rig = rigOf();
    const run = rig.runOn(message);
    await run.begin();
    await rig.show();
    await run.answer();
    expect(await run.call("search")).toEqual({ allowed: true });
    await run.end();
    await run.call("search");
    await run.answer();
    await rig.show();
    expect(await slack.reactions(message)).toEqual([DONE]);
    expect(calls()).not.toContain(`${ADD} mag`);
  });

  test("does not matter to a tool that is told after the answer, when nobody tells the end", async () => {
    const rig = rigOf();
    const run = rig.runOn(message);
    await run.begin();
    await rig.show();
    await run.answer();
    await run.call("search");
    await clock.elapse(5_000);
    await rig.show();
    expect(await slack.reactions(message)).toEqual([DONE]);
  });

  test("does not matter when Slack is slow: what is on its way is taken away behind the end", async () => {
    const rig = rigOf();
    const run = rig.runOn(message);
    slack.meet(ADD, { lateMs: 4_000 });
    await run.begin();
    await clock.elapse(500);
    await expect.poll(() => clock.pending()).toBe(2);
    await run.end();
    await clock.elapse(4_000);
    await rig.show();
    expect(await slack.reactions(message)).toEqual([DONE]);
  });
});

describe("a restart", () => {
  test("takes away what a crash has left", async () => {
    const crashed = rigOf();
    const run = crashed.runOn(message);
    await run.begin();
    await run.call("search");
    await crashed.show();
    expect(await slack.reactions(message)).toEqual([HOURGLASS, "mag"]);
    const next = rigOf({ storage: crashed.storage });
    await next.start();
    await next.show();
    expect(await slack.reactions(message)).toEqual([]);
    expect(await next.storage.get("status_reactions")).toBeNull();
  });

  test("takes it away also when statuses are off now", async () => {
    const crashed = rigOf();
    await crashed.runOn(message).begin();
    await crashed.show();
    const next = rigOf({ storage: crashed.storage, mode: "off" });
    await next.start();
    await next.show();
    expect(await slack.reactions(message)).toEqual([]);
  });

  test("knows what was written down and never set", async () => {
    const crashed = rigOf();
    slack.meet(ADD, "hang");
    await crashed.runOn(message).begin();
    await clock.elapse(500);
    await slack.hanging();
    const next = rigOf({ storage: crashed.storage });
    await next.start();
    await next.show();
    expect(calls()).toEqual([`${ADD} ${HOURGLASS}`, `${REMOVE} ${HOURGLASS}`]);
    expect(await next.storage.get("status_reactions")).toBeNull();
  });

  test("takes away as fast as Slack lets it, and gives nothing up for having to wait", async () => {
    const { storage } = rigOf();
    const place = { channel_id: slack.channelId(), message_ts: message };
    const left = Array.from({ length: 140 }, (_, n) => ({
      ...place,
      name: `emoji-${n}`,
      message_ts: `${n}.1`,
    }));
    await storage.set("status_reactions", left);
    const counted = createCallBudget(clock);
    // So that all of them have looked before the first one is counted.
    const admit: CallBudget["admit"] = async (...call) => {
      await new Promise<void>((resolve) => void clock.after(100, resolve));
      return counted.admit(...call);
    };
    const rig = rigOf({ storage, budget: { ...counted, admit } });
    await rig.start();
    const [begun, minutes] = [clock.now(), 8];
    while (clock.now() < begun + minutes * 60_000) await rig.show();
    expect(slack.calls).toHaveLength(140);
    expect(await storage.get("status_reactions")).toBeNull();
    expect(slack.tiersExceeded()).toEqual([]);
  });

  test("leaves a run alone that begins again meanwhile", async () => {
    const crashed = rigOf();
    await crashed.runOn(message).begin();
    await crashed.show();
    const next = rigOf({ storage: crashed.storage });
    await next.start();
    const again = next.runOn(message);
    await again.begin();
    await next.show();
    expect(await slack.reactions(message)).toEqual([HOURGLASS]);
    await again.end();
    await next.show();
    expect(await slack.reactions(message)).toEqual([DONE]);
  });

  test("finds shown what had ended before the stop", async () => {
    const rig = rigOf();
    const run = rig.runOn(message);
    await run.begin();
    await rig.show();
    await run.end();
    await rig.stop();
    expect(await slack.reactions(message)).toEqual([DONE]);
    expect(clock.pending()).toBe(0);
  });
});

describe("when Slack refuses", () => {
  test("for want of a scope, one warning says so, and nothing is tried for a while", async () => {
    const rig = rigOf({ token: POST_ONLY_TOKEN });
    for (const text of ["One", "Two"]) {
      const run = rig.runOn(await slack.say(text));
      await run.begin();
      await rig.show();
      expect(await run.call("search")).toEqual({ allowed: true });
      await run.end();
      await rig.show();
    }
    expect(calls()).toEqual([`${ADD} ${HOURGLASS}`]);
    expect(rig.logger.entries.filter(({ level }) => level === "warn")).toMatchObject([
      { fields: { code: "missing_scope" }, message: expect.stringContaining("reactions:write") },
    ]);
    expect(JSON.stringify(rig.logger.entries)).not.toContain(POST_ONLY_TOKEN);
  });

  test.each(["already_reacted", "thread_locked", "too_many_reactions"])(
    "with %s, all goes on",
    async (code) => {
      const rig = rigOf();
      const run = rig.runOn(message);
      slack.meet(ADD, refusal(code));
      await run.begin();
      await rig.show();
      await run.end();
      await rig.show();
      expect(await slack.reactions(message)).toEqual([DONE]);
      expect(rig.logger.entries.filter(({ level }) => level !== "debug")).toEqual([]);
    },
  );

  test("what it was slow to set is taken away all the same", async () => {
    const rig = rigOf();
    const run = rig.runOn(message);
    slack.meet(ADD, "drop_after");
    await run.begin();
    await rig.show();
    await run.end();
    await rig.show();
    expect(await slack.reactions(message)).toEqual([DONE]);
  });

  test.each([
    [rateLimited(30), 30_000],
    [unavailable(), 5_000],
    ["drop_before", 5_000],
  ] as const)("to take away (%#), it is asked again", async (fault, waitMs) => {
    const rig = rigOf();
    const run = rig.runOn(message);
    await run.begin();
    await rig.show();
    slack.meet(REMOVE, fault);
    await run.end();
    await rig.show();
    expect(await slack.reactions(message)).toEqual([HOURGLASS, DONE]);
    await clock.elapse(waitMs);
    await rig.show();
    expect(await slack.reactions(message)).toEqual([DONE]);
    expect(await rig.storage.get("status_reactions")).toBeNull();
  });
});

describe("sixty runs a minute", () => {
  test("exceed no tier: what is too much is left out, and each reaction that was set is taken away", async () => {
    const messages = await runEachSecond(rigOf(), 120);
    expect(slack.tiersExceeded()).toEqual([]);
    const set = reactions(ADD).filter((one) => !one.endsWith(DONE));
    expect(reactions(REMOVE).toSorted()).toEqual(set.toSorted());
    const removableInTwoMinutes = 2 * 20;
    expect(set.length).toBe(removableInTwoMinutes);
    const shown = await Promise.all(messages.map((ts) => slack.reactions(ts)));
    expect(new Set(shown.flat())).toEqual(new Set([DONE]));
    expect(shown.filter((names) => names.length === 0).length).toBeGreaterThan(0);
  });

  test("would exceed the tiers of both methods if nobody counted", async () => {
    const budget = { admit: async () => {}, hold: () => {}, freeInMs: () => 0 };
    await runEachSecond(rigOf({ budget }), 120);
    expect(slack.tiersExceeded().map(({ method }) => method)).toEqual([ADD, REMOVE]);
  });

  test("never wait for their turn", async () => {
    const counted = createCallBudget(clock);
    const waits = new Set<number>();
    const admit: CallBudget["admit"] = (place, wait) => {
      waits.add(wait.longestWaitMs);
      return counted.admit(place, wait);
    };
    await runEachSecond(rigOf({ budget: { ...counted, admit } }), 10);
    expect([...waits]).toEqual([0]);
  });

  /** Each takes two seconds and calls a tool, so that three are at work at any time; gives back their messages. */
  async function runEachSecond(rig: StatusRig, count: number): Promise<readonly string[]> {
    const messages: string[] = [];
    for (let second = 0; second < count + 2; second += 1) {
      if (second < count) {
        messages.push(await slack.say(`${second}`));
        await runOf(second).begin();
      }
      if (second >= 1 && second <= count) await runOf(second - 1).call("search");
      if (second >= 2) await runOf(second - 2).end();
      await rig.show();
      await rig.show();
    }
    await clock.elapse(120_000);
    await rig.show();
    return messages;

    function runOf(second: number): ReturnType<StatusRig["runOn"]> {
      return rig.runOn(messages[second] ?? "");
    }
  }
});

/** The reactions that a method was called for, each with its message. */
function reactions(method: string): string[] {
  return slack.calls
    .filter((call) => call.method === method)
    .map(({ form }) => `${form["timestamp"]} ${form["name"]}`);
}

describe("as a session", () => {
  test("the thread is at work, and then not any more", async () => {
    const rig = rigOf({ mode: "session" });
    const run = rig.runOn(message);
    await run.begin();
    await rig.show();
    expect(slack.session(message)).toMatchObject({ status: "processing" });
    await run.end();
    await rig.show();
    expect(slack.session(message)).toMatchObject({ status: "active" });
    expect(await slack.reactions(message)).toEqual([]);
  });

  test("where an app has none, there is a line under the thread", async () => {
    const rig = rigOf({ mode: "session" });
    const run = rig.runOn(message);
    slack.meet("agents.sessions.setStatus", refusal("unknown_method"));
    await run.begin();
    await rig.show();
    expect(slack.threadStatus(message)).toBe("is thinking…");
    await run.end();
    await rig.show();
    expect(slack.threadStatus(message)).toBe("");
    expect(slack.calls.map(({ method }) => method)).toEqual([
      "agents.sessions.setStatus",
      "assistant.threads.setStatus",
      "assistant.threads.setStatus",
    ]);
  });

  test("no more threads are at work than can be ended within the same minute", async () => {
    const { storage } = rigOf();
    const written = Promise.withResolvers<void>();
    const slow = { ...storage, set: (...note: Stored) => written.promise.then(() => storage.set(...note)) };
    const rig = rigOf({ mode: "session", storage: slow });
    const threads = await Promise.all(Array.from({ length: 60 }, (_, n) => slack.say(`${n}`)));
    const runs = threads.map((thread) => rig.runOn(thread));
    for (const run of runs) await run.begin();
    await clock.elapse(500);
    written.resolve();
    await rig.show();
    const begun = threads.filter((thread) => slack.session(thread) !== undefined);
    expect(begun.length).toBeGreaterThan(15);
    for (const run of runs) await run.end();
    await rig.show();
    expect(begun.map((thread) => slack.session(thread)?.status)).toEqual(begun.map(() => "active"));
    expect(slack.tiersExceeded()).toEqual([]);
  });

  test("a crash leaves no thread at work for ever", async () => {
    const crashed = rigOf({ mode: "session" });
    await crashed.runOn(message).begin();
    await crashed.show();
    const next = rigOf({ storage: crashed.storage, mode: "session" });
    await next.start();
    await next.show();
    expect(slack.session(message)).toMatchObject({ status: "active" });
  });
});
