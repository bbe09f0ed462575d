import type { Logger } from "@core/registry";
import { silentLogger } from "@core/registry";
import type { Mock } from "vitest";
import { expect, test, vi } from "vitest";
import type { FakeClock } from "../testing/fake-clock.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { startHeartbeat } from "./heartbeat.ts";

interface Rig {
  readonly clock: FakeClock;
  readonly heartbeat: Heartbeat;
  readonly warn: Mock<Logger["warn"]>;
}

function setUp(beat: () => Promise<boolean>): Rig {
  const clock = createFakeClock();
  const warn = vi.fn<Logger["warn"]>();
  const heartbeat = startHeartbeat({ beat, everyMs: 5_000, clock, logger: { ...silentLogger, warn } });
  return { clock, heartbeat, warn };
}

test("it beats once per interval until it is stopped", async () => {
  const beat = vi.fn<() => Promise<boolean>>(() => Promise.resolve(true));
  const { clock, heartbeat } = setUp(beat);
  expect(beat).not.toHaveBeenCalled();
  await clock.advance(15_000);
  expect(beat).toHaveBeenCalledTimes(3);
  await heartbeat.stop();
  await clock.advance(60_000);
  expect(beat).toHaveBeenCalledTimes(3);
  expect(clock.waits).toEqual([]);
});

test("a beat that says so is the last one", async () => {
  const beat = vi.fn<() => Promise<boolean>>(() => Promise.resolve(false));
  const { clock } = setUp(beat);
  await clock.advance(60_000);
  expect(beat).toHaveBeenCalledTimes(1);
  expect(clock.waits).toEqual([]);
});

test("beats that fail are tried again, with one warning for each row of failures", async () => {
  const beat = vi.fn<() => Promise<boolean>>(() => Promise.resolve(true));
  const { clock, warn } = setUp(beat);
  const lost = new Error("The connection is lost.");
  beat.mockRejectedValueOnce(lost).mockRejectedValueOnce(lost);
  await clock.advance(15_000);
  expect(beat).toHaveBeenCalledTimes(3);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledWith({ err: lost }, expect.stringContaining("it goes on trying"));

  beat.mockRejectedValueOnce(lost);
  await clock.advance(5_000);
  expect(warn).toHaveBeenCalledTimes(2);
});

test("a beat without an answer is reported, and the next one waits for it", async () => {
  const answer = Promise.withResolvers<boolean>();
  const beat = vi.fn<() => Promise<boolean>>(() => answer.promise);
  const { clock, warn } = setUp(beat);
  await clock.advance(60_000);
  expect(beat).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledTimes(1);

  answer.resolve(true);
  await clock.advance(5_000);
  expect(beat).toHaveBeenCalledTimes(2);
  expect(warn).toHaveBeenCalledTimes(1);
});

test("a stop waits for the beat in hand", async () => {
  const answer = Promise.withResolvers<boolean>();
  const { clock, heartbeat } = setUp(() => answer.promise);
  await clock.advance(5_000);
  const stopped = vi.fn<() => void>();
  const stop = heartbeat.stop().then(stopped);
  await clock.advance(0);
  expect(stopped).not.toHaveBeenCalled();
  answer.resolve(true);
  await stop;
  expect(clock.waits).toEqual([]);
});
