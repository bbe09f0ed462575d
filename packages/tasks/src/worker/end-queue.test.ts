import { silentLogger } from "@core/registry";
import { createManualClock } from "@core/testing";
import type { ManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { Settled } from "../task/task-end.ts";
import type { EndQueue } from "./end-queue.ts";
import { createEndQueue } from "./end-queue.ts";

interface Rig {
  readonly queue: EndQueue;
  readonly clock: ManualClock;
  readonly settled: (readonly [string, Settled])[];
  push(id: string): void;
}

function setUp(): Rig {
  const clock = createManualClock(0);
  const settled: (readonly [string, Settled])[] = [];
  const queue = createEndQueue({
    clock,
    logger: silentLogger,
    random: () => 1,
    hopeless: () => false,
    onReady: () => {},
    onSettled: ({ task }, how) => void settled.push([task.id, how]),
  });
  const push = (id: string): void =>
    queue.push({
      claimed: { task: { id } } as ClaimedTask,
      end: { id, fence: 1, state: "complete" },
      lane: "l",
      parent: null,
    });
  return { queue, clock, settled, push };
}

const locked: ReadonlyMap<string, Settled> = new Map();

/** Lets it find its lane locked until it waits for it. */
function refuseUntilPatient({ queue, clock }: Rig): void {
  for (const ms of [10, 20, 40, 80, 160, 250]) {
    queue.stored(queue.take(), locked);
    clock.advance(ms - 1);
    expect(queue.size).toBe(0);
    clock.advance(1);
    expect(queue.size).toBe(1);
  }
}

describe("the end of a run whose lane is locked", () => {
  it("is tried again, less and less often, and then waits for its lane", () => {
    const rig = setUp();
    rig.push("a");
    refuseUntilPatient(rig);
    const batch = rig.queue.take();
    expect(batch).toMatchObject({ isPatient: true, ends: [{ end: { id: "a" } }] });
    rig.queue.stored(batch, new Map([["a", "complete"]]));
    expect(rig.settled).toEqual([["a", "complete"]]);
  });

  it("waits alone, while others go on", () => {
    const rig = setUp();
    rig.push("a");
    refuseUntilPatient(rig);
    const patient = rig.queue.take();
    rig.push("b");
    const others = rig.queue.take();
    expect(others).toMatchObject({ isPatient: false, ends: [{ end: { id: "b" } }] });
    rig.queue.stored(patient, locked);
    rig.clock.advance(250);
    expect(rig.queue.take().isPatient).toBe(true);
  });
});
