import { createManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import { createAudience } from "./audience.ts";

describe("an audience", () => {
  it("is asked for once, and is absent when nobody has answered within a second", () => {
    const { audience, clock, asked } = setUp();
    expect(audience.state()).toBe("asked");
    clock.advance(999);
    expect(audience.state()).toBe("asked");
    clock.advance(1);
    expect(audience.state()).toBe("absent");
    expect(asked()).toBe(1);
  });

  it("that is absent is asked for again once a minute, and only when there is something to tell", () => {
    const { audience, clock, asked } = setUp();
    audience.state();
    clock.advance(59_999);
    expect(audience.state()).toBe("absent");
    clock.advance(1);
    expect(asked()).toBe(1);
    expect(audience.state()).toBe("asked");
    expect(asked()).toBe(2);
  });

  it("is present for a minute after it was heard of, and is asked whether it still is well before that", () => {
    const { audience, clock, asked } = setUp();
    audience.state();
    audience.heard();
    clock.advance(19_999);
    expect(audience.state()).toBe("present");
    expect(asked()).toBe(1);
    clock.advance(1);
    expect(audience.state()).toBe("present");
    expect(asked()).toBe(2);
    clock.advance(19_999);
    audience.state();
    expect(asked()).toBe(2);
    clock.advance(20_000);
    expect(audience.state()).toBe("present");
    clock.advance(1);
    expect(audience.state()).not.toBe("present");
  });

  it("may say so without having been asked", () => {
    const { audience, clock } = setUp();
    audience.state();
    clock.advance(5_000);
    audience.heard();
    expect(audience.state()).toBe("present");
  });

  it("is asked for anew when answers may have been lost", () => {
    const { audience, asked } = setUp();
    audience.state();
    audience.heard();
    audience.forget();
    expect(audience.state()).toBe("asked");
    expect(asked()).toBe(2);
  });
});

function setUp() {
  const clock = createManualClock(0);
  let asked = 0;
  const audience = createAudience(clock, () => (asked += 1));
  return { audience, clock, asked: () => asked };
}
