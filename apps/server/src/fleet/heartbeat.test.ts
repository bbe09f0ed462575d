import type { Logger } from "@core/registry";
import { silentLogger } from "@core/registry";
import type { Mock } from "vitest";
import { expect, test, vi } from "vitest";
import { createManualClock } from "@core/testing";
import type { ManualClock } from "@core/testing";
import type { Heartbeat } from "./heartbeat.ts";
import { startHeartbeat } from "./heartbeat.ts";

interface Rig {
  readonly clock: ManualClock;
  readonly heartbeat: Heartbeat;
  readonly warn: Mock<Logger["warn"]>;
}

function setUp(beat: () => Promise<boolean>): Rig {
  const clock = createManualClock(0);
  const warn = vi.fn<Logger["warn"]>();
  const heartbeat = startHeartbeat({ beat, everyMs: 5_000, clock, logger: { ...silentLogger, warn } });
  return { clock, heartbeat, warn };
}

test("it beats once per interval until it is stopped", async () => {
  const beat = vi.fn<() => Promise<boolean>>(() => Promise.resolve(true));
  const { clock, heartbeat } = setUp(beat);
  expect(beat).not.toHaveBeenCalled();
  await clock.elapse(15_000);
  expect(beat).toHaveBeenCalledTimes(3);
  await heartbeat.stop();
  await clock.elapse(60_000);
  expect(beat).toHaveBeenCalledTimes(3);
  expect(clock.waits()).toEqual([]);
});

test("a beat that says so is the last one", async () => {
  const beat = vi.fn<() => Promise<boolean>>(() => Promise.resolve(false));
  const { clock } = setUp(beat);
  await clock.elapse(60_000);
  expect(beat).toHaveBeenCalledTimes(1);
  expect(clock.waits()).toEqual([]);
});

test("beats that fail are tried again, with one warning for each row of failures", async () => {
  const beat = vi.fn<() => Promise<boolean>>(() => Promise.resolve(true));
  const { clock, warn } = setUp(beat);
  const lost = new Error("The connection is lost.");
  beat.mockRejectedValueOnce(lost).mockRejectedValueOnce(lost);
  await clock.elapse(15_000);
  expect(beat).toHaveBeenCalledTimes(3);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledWith({ err: lost }, expect.stringContaining("it goes on trying"));

  beat.mockRejectedValueOnce(lost);
  await clock.elapse(5_000);
  expect(warn).toHaveBeenCalledTimes(2);
});

test("a beat without an answer is reported, and the next one waits for it", async () => {
  const answer = Promise.withResolvers<boolean>();
  const beat = vi.fn<() => Promise<boolean>>(() => answer.promise);
  const { clock, warn } = setUp(beat);
  await clock.elapse(60_000);
  expect(beat).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledTimes(1);

  answer.resolve(true);
  await clock.elapse(5_000);
  expect(beat).toHaveBeenCalledTimes(2);
  expect(warn).toHaveBeenCalledTimes(1);
});

test("a stop waits for the beat in hand", async () => {
  const answer = Promise.withResolvers<boolean>();
  const { clock, heartbeat } = setUp(() => answer.promise);
  await clock.elapse(5_000);
  const stopped = vi.fn<() => void>();
  const stop = heartbeat.stop().then(stopped);
  await clock.elapse(0);
  expect(stopped).not.toHaveBeenCalled();
  answer.resolve(true);
  await stop;
  expect(clock.waits()).toEqual([]);
});
