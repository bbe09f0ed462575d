import type { Database } from "@core/database";
import { silentLogger } from "@core/registry";
import { createManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import { taskFact } from "../testing/task-fact.ts";
import { createEventFeed } from "./event-feed.ts";
import type { EventFeed } from "./event-feed.ts";

const started = taskFact("task.started", { run: 1 });

describe("processes that tell each other of events", () => {
  it("say nothing but one question as long as nobody listens", async () => {
    const { join, clock, texts } = setUp();
    const [one] = [join(), join()];
    for (let n = 0; n < 100; n += 1) {
      tell(one, n);
      await clock.elapse(100);
    }
    expect(texts).toEqual([expect.stringContaining('"ask":true')]);
  });

  it("bring each other what happens from the first event on, when somebody listens already", async () => {
    const { join, clock } = setUp();
    const [one, other] = [join(), join()];
    const heard = listen(other);
    await other.ready();
    tell(one, 1);
    tell(one, 2);
    await clock.elapse(100);
    expect(heard).toEqual(["task.started 1", "task.started 2"]);
  });

  it("hear of one that begins to listen later, and not of what was before", async () => {
    const { join, clock } = setUp();
    const [one, other] = [join(), join()];
    tell(one, 1);
    await clock.elapse(5_000);
    const heard = listen(other);
    await clock.elapse(100);
    tell(one, 2);
    await clock.elapse(100);
    expect(heard).toEqual(["task.started 2"]);
  });

  it("fall silent when the last listener has gone, which they find out by asking", async () => {
    const { join, clock, texts } = setUp();
    const [one, other] = [join(), join()];
    const undo = other.subscribe(() => {});
    await clock.elapse(0);
    tell(one, 1);
    await clock.elapse(100);
    undo();
    for (let n = 2; n < 13; n += 1) {
      await clock.elapse(20_000);
      tell(one, n);
    }
    const before = texts.length;
    tell(one, 20);
    await clock.elapse(5_000);
    expect(texts).toHaveLength(before);
  });

  it("go on as long as somebody listens, however long", async () => {
    const { join, clock } = setUp();
    const [one, other] = [join(), join()];
    const heard = listen(other);
    for (let n = 1; n < 13; n += 1) {
      tell(one, n);
      await clock.elapse(15_000);
    }
    expect(heard).toHaveLength(12);
  });

  it("tell a gap when more happens than they can say", async () => {
    const { join, clock } = setUp();
    const [one, other] = [join(), join()];
    const heard = listen(other);
    await clock.elapse(0);
    one.tell(() => Array.from({ length: 300 }, (_, n) => taskFact("task.created", { task_id: `t${n}` })));
    await clock.elapse(1_000);
    expect(heard).toEqual(["gap"]);
  });

  it("take a lost connection for a gap, and are found again after it", async () => {
    const { join, clock, reconnect } = setUp();
    const [one, other] = [join(), join()];
    const heard = listen(other);
    await clock.elapse(0);
    reconnect();
    await clock.elapse(100);
    tell(one, 1);
    await clock.elapse(100);
    expect(heard).toEqual(["gap", "task.started 1"]);
  });

  it("try again to hear others, and take the time in between for a gap", async () => {
    const { join, clock, fail } = setUp();
    const [one, other] = [join(), join()];
    fail(true);
    const heard = listen(other);
    await other.ready();
    await clock.elapse(2_000);
    fail(false);
    await clock.elapse(2_000);
    tell(one, 1);
    await clock.elapse(100);
    expect(heard.at(-1)).toBe("task.started 1");
    expect(heard).toContain("gap");
  });

  it("leave alone what others put on their channel", async () => {
    const { join, clock, deliver } = setUp();
    const heard = listen(join());
    await clock.elapse(0);
    deliver("nonsense");
    deliver('{"from":"x","facts":[[1]]}');
    expect(heard.filter((type) => type === "gap")).toEqual([]);
  });

  it("make nothing of what happens while nobody wants to hear of it", async () => {
    const { join, clock } = setUp();
    const one = join();
    tell(one, 1);
    await clock.elapse(2_000);
    let made = 0;
    one.tell(() => {
      made += 1;
      return [started];
    });
    expect(made).toBe(0);
    expect(one.isWanted()).toBe(false);
  });
});

function tell(feed: EventFeed, n: number): void {
  feed.tell(() => [{ ...started, task_id: `${n}` }]);
}

function listen(feed: EventFeed): string[] {
  const heard: string[] = [];
  feed.subscribe((event) => heard.push("task_id" in event ? `${event.type} ${event.task_id}` : event.type));
  return heard;
}

/** A database whose notifications arrive at once, with everybody. */
function setUp() {
  const clock = createManualClock(0);
  const texts: string[] = [];
  const handlers = new Set<(text: string) => void>();
  const reconnects = new Set<() => void>();
  let fails = false;
  const database: Pick<Database, "listen" | "notify"> = {
    async listen(_channel, handler, options) {
      if (fails) throw new Error("The database does not answer.");
      handlers.add(handler);
      if (options?.onReconnect) reconnects.add(options.onReconnect);
      return async () => void handlers.delete(handler);
    },
    async notify(_channel, text) {
      if (fails) throw new Error("The database does not answer.");
      texts.push(text);
      deliver(text);
    },
  };
  const deliver = (text: string): void => handlers.forEach((handler) => handler(text));
  return {
    clock,
    texts,
    deliver,
    fail: (next: boolean): void => void (fails = next),
    reconnect: (): void => reconnects.forEach((call) => call()),
    join: () => createEventFeed({ database, schema: "s", clock, logger: silentLogger }),
  };
}
