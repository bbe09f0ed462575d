import { createManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import type { DeliveryPlaces, Entry } from "./delivery-places.ts";
import { createDeliveryPlaces } from "./delivery-places.ts";

const never = new AbortController().signal;
const GO = { may: true };
const back = (backInMs: number): Entry => ({ may: false, backInMs });

describe("the places of deliveries", () => {
  it("are given in the order of coming, but for targets that have their share", async () => {
    const { places, entries, come } = setUp({ places: 3, share: 2 });
    come("a", "a", "a", "b", "c");
    await settled();
    expect(entries).toEqual({ "a 0": GO, "a 1": GO, "b 3": GO });
    expect([places.running, places.waiting]).toEqual([3, 2]);
    places.leave("a");
    await settled();
    expect(entries).toHaveProperty("a 2", GO);
    places.leave("b");
    await settled();
    expect(entries).toHaveProperty("c 4", GO);
  });

  it("fill up with attempts whose ends are not stored", async () => {
    const { places, come } = setUp({ places: 1, share: 1 });
    for (let made = 0; made < 4; made += 1) {
      come("a");
      await settled();
      places.leave("a");
    }
    come("a");
    await settled();
    expect([places.running, places.waiting]).toEqual([0, 1]);
    places.stored();
    await settled();
    expect([places.running, places.waiting]).toEqual([1, 0]);
  });

  it("are refused for a target on hold, and say how long", async () => {
    const { places, entries, come, clock } = setUp({ places: 1, share: 1 });
    come("b", "a");
    await settled();
    const letGo = places.hold("a", 100);
    await clock.elapse(30);
    come("a");
    await settled();
    expect(entries).toEqual({ "b 0": GO, "a 1": back(100), "a 2": back(70) });
    letGo();
    come("a");
    places.leave("b");
    await settled();
    expect(entries).toHaveProperty("a 3", GO);
  });

  it("tell how many more may be claimed of each target that has some in hand", async () => {
    const { places, come } = setUp({ places: 2, share: 1 });
    come("a", "a", "b");
    places.hold("c", 100);
    await settled();
    expect(places.rooms(2)).toEqual({ a: 0, b: 1, c: 0 });
  });

  it("tell of targets whose whole share has been taken for a while by attempts that do not end", async () => {
    const { places, come, clock } = setUp({ places: 5, share: 2 });
    come("a", "a", "b", "c", "c");
    await settled();
    await clock.elapse(150);
    places.leave("c");
    come("c");
    await settled();
    expect(places.stuck()).toEqual([]);
    await clock.elapse(100);
    expect(places.stuck()).toEqual(["a"]);
    come("a", "c");
    expect([places.waiting, places.next]).toEqual([2, 1]);
    places.leave("a");
    expect(places.stuck()).toEqual([]);
  });

  it("send everybody back when they close, and one that is aborted", async () => {
    const { places, entries, come } = setUp({ places: 1, share: 1 });
    const abort = new AbortController();
    come("a", "b");
    void places.enter("d", abort.signal).then((entry) => (entries["d"] = entry));
    abort.abort();
    await settled();
    expect(entries).toEqual({ "a 0": GO, d: back(0) });
    places.close();
    come("c");
    await settled();
    expect(entries).toMatchObject({ "b 1": back(0), "c 2": back(0) });
  });
});

function setUp(options: { readonly places: number; readonly share: number }) {
  const clock = createManualClock(0);
  const places: DeliveryPlaces = createDeliveryPlaces({ ...options, clock });
  const entries: Record<string, Entry> = {};
  let number = 0;
  const come = (...targets: string[]): void => {
    for (const target of targets) {
      const name = `${target} ${number}`;
      number += 1;
      void places.enter(target, never).then((entry) => (entries[name] = entry));
    }
  };
  return { clock, places, entries, come };
}

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
