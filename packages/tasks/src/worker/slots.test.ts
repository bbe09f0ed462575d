import { describe, expect, it } from "vitest";
import type { Lease } from "../lease/lease.ts";
import { createSlots } from "./slots.ts";

const lease = (id: string, fence = 1): Lease => ({ id, fence, worker: { id: "w", epoch: 1 } });

/** Work that ends when told, and tells why it was aborted. */
function holdOpen() {
  const gate = Promise.withResolvers<void>();
  const reasons: unknown[] = [];
  const work = (signal: AbortSignal): Promise<void> => {
    signal.addEventListener("abort", () => reasons.push(signal.reason));
    return gate.promise;
  };
  return { work, reasons, end: gate.resolve };
}

describe("slots", () => {
  it("count what is in hand and call when a place becomes free", async () => {
    let freed = 0;
    const slots = createSlots(2, () => (freed += 1));
    const { work, end } = holdOpen();
    slots.start(lease("a"), work);
    slots.start(lease("b"), work);
    expect([slots.size, slots.free]).toEqual([2, 0]);
    expect(slots.leases().map(({ id }) => id)).toEqual(["a", "b"]);
    end();
    await slots.idle();
    expect([slots.size, slots.free, freed]).toEqual([0, 2, 2]);
  });

  it("tell one lease on a row from the next", () => {
    const slots = createSlots(2, () => {});
    slots.start(lease("a", 1), holdOpen().work);
    expect(slots.holds({ id: "a", fence: 1 })).toBe(true);
    expect(slots.holds({ id: "a", fence: 2 })).toBe(false);
  });

  it("abort one piece of work, or all of it", () => {
    const slots = createSlots(2, () => {});
    const [first, second] = [holdOpen(), holdOpen()];
    slots.start(lease("a"), first.work);
    slots.start(lease("b"), second.work);
    slots.abort(lease("a"), new Error("one"));
    slots.abort(lease("gone"), new Error("nobody"));
    expect([first.reasons, second.reasons]).toEqual([[new Error("one")], []]);
    slots.abortAll(new Error("all"));
    expect(second.reasons).toEqual([new Error("all")]);
  });

  it("are idle only when what was started meanwhile has ended too", async () => {
    const slots = createSlots(2, () => {});
    const [first, second] = [holdOpen(), holdOpen()];
    slots.start(lease("a"), first.work);
    let isIdle = false;
    const idle = slots.idle().then(() => (isIdle = true));
    slots.start(lease("b"), second.work);
    first.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(isIdle).toBe(false);
    second.end();
    await idle;
  });
});
