import { silentLogger } from "@core/registry";
import { createManualClock, createRecordingLogger } from "@core/testing";
import { describe, expect, it } from "vitest";
import type { EventRing } from "./event-ring.ts";
import { createEventRing } from "./event-ring.ts";

describe("the ring of events", () => {
  it("tells every listener at once, until it goes, and gives each event an id", () => {
    const { ring, add } = setUp();
    const heard: string[] = [];
    const undo = ring.subscribe(({ id }) => heard.push(id));
    const first = add();
    const second = add();
    undo();
    undo();
    add();
    expect(heard).toEqual([first, second]);
    expect(first).not.toBe(second);
  });

  it("gives back what came after an id, and nothing after the newest", () => {
    const { ring, add } = setUp();
    ring.subscribe(() => {});
    const start = ring.position;
    const ids = [add(), add(), add()];
    expect(idsSince(ring, start)).toEqual(ids);
    expect(idsSince(ring, ids[1])).toEqual([ids[2]]);
    expect(idsSince(ring, ring.position)).toEqual([]);
  });

  it.each(["", "nonsense", "other.1", "1"])("does not know the id %j", (id) => {
    const { ring, add } = setUp();
    ring.subscribe(() => {});
    add();
    expect(ring.since(id)).toBeNull();
  });

  it("does not know a place that lies ahead, nor one that has been forgotten", () => {
    const { ring, add } = setUp({ capacity: 2 });
    ring.subscribe(() => {});
    const ids = [add(), add(), add(), add()];
    expect(ring.since(ids[0] ?? "")).toBeNull();
    expect(idsSince(ring, ids[1])).toEqual(ids.slice(2));
    expect(ring.since(`${ring.position}0`)).toBeNull();
  });

  it("keeps events for a listener that comes back within a minute, and knows no place after that", () => {
    const { ring, add, clock } = setUp();
    ring.subscribe(() => {})();
    const place = ring.position;
    clock.advance(59_999);
    expect(ring.isOpen).toBe(true);
    const missed = add();
    expect(idsSince(ring, place)).toEqual([missed]);
    clock.advance(1);
    expect(ring.isOpen).toBe(false);
    expect(ring.since(missed)).toBeNull();
    ring.subscribe(() => {});
    expect(ring.since(missed)).toBeNull();
    expect(idsSince(ring, ring.position)).toEqual([]);
  });

  it("logs what a listener throws and tells the others", () => {
    const logger = createRecordingLogger();
    const ring = createEventRing({ clock: createManualClock(0), logger });
    let heard = 0;
    ring.subscribe(() => {
      throw new Error("broken");
    });
    ring.subscribe(() => (heard += 1));
    ring.add({ type: "gap", at: new Date(0) });
    expect(heard).toBe(1);
    expect(logger.entries).toMatchObject([{ level: "error" }]);
  });
});

function setUp(options: { readonly capacity?: number } = {}) {
  const clock = createManualClock(0);
  const ring = createEventRing({ clock, logger: silentLogger, ...options });
  const add = (): string => {
    ring.add({ type: "gap", at: new Date(0) });
    return ring.position;
  };
  return { ring, add, clock };
}

function idsSince(ring: EventRing, id: string | undefined): readonly string[] | undefined {
  return ring.since(id ?? "")?.map((event) => event.id);
}
