import { createManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import type { QueueDepth } from "../task/task-stats.ts";
import { createQueueWatch } from "./queue-watch.ts";
import type { Telemetry } from "./telemetry.ts";

function never(): never {
  throw new Error("It is not asked for that.");
}

function scene() {
  const clock = createManualClock(0);
  let watches = 0;
  let reads = 0;
  let ask: () => Promise<readonly QueueDepth[]> = never;
  let failure: Error | null = null;
  const others = { enqueue: never, process: never, deliver: never, leaseLost: never, recovered: never };
  const telemetry: Telemetry = {
    ...others,
    watchQueues(read) {
      watches += 1;
      ask = read;
      return () => (watches -= 1);
    },
  };
  const read = async (): Promise<readonly QueueDepth[]> => {
    reads += 1;
    if (failure !== null) throw failure;
    return [];
  };
  return {
    clock,
    watch: createQueueWatch({ telemetry, read, clock }),
    watches: () => watches,
    reads: () => reads,
    ask: () => ask(),
    fail(error: Error) {
      failure = error;
    },
  };
}

describe("the watch of the queues", () => {
  it("lasts from the first worker's start to the last one's stop", () => {
    const { watch, watches } = scene();
    const [first, second] = [watch.start(), watch.start()];
    expect(watches()).toBe(1);
    first();
    first();
    expect(watches()).toBe(1);
    second();
    expect(watches()).toBe(0);
  });

  it("reads at most every 30 seconds, however often it is asked", async () => {
    const { watch, clock, reads, ask } = scene();
    watch.start();
    await Promise.all([ask(), ask()]);
    await clock.elapse(29_999);
    await ask();
    expect(reads()).toBe(1);
    await clock.elapse(1);
    await ask();
    expect(reads()).toBe(2);
  });

  it("reads again at once after it has failed", async () => {
    const { watch, reads, ask, fail } = scene();
    watch.start();
    fail(new Error("The database is away."));
    await expect(ask()).rejects.toThrow("away");
    await expect(ask()).rejects.toThrow("away");
    expect(reads()).toBe(2);
  });

  it("is nothing without telemetry", () => {
    const watch = createQueueWatch({ telemetry: null, read: never, clock: createManualClock(0) });
    expect(() => watch.start()()).not.toThrow();
  });
});
