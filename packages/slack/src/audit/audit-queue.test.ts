import { misconfigured, retryable } from "@core/registry";
import type { FailedDelivery } from "@core/registry";
import { createManualClock, createRecordingLogger } from "@core/testing";
import { expect, test } from "vitest";
import { createAuditQueue } from "./audit-queue.ts";

/** A queue into a channel that answers with these failures first. */
function open(...failures: readonly (FailedDelivery | null)[]) {
  const clock = createManualClock();
  const logger = createRecordingLogger();
  const posted: string[] = [];
  const answers = [...failures];
  const post = async (text: string): Promise<FailedDelivery | null> => {
    posted.push(text);
    return answers.shift() ?? null;
  };
  return { queue: createAuditQueue({ post, clock, logger, limit: 3 }), posted, clock, logger };
}

test("messages go one after the other, and no faster than Slack takes them", async () => {
  const { queue, posted, clock } = open();
  for (const text of ["one", "two", "three"]) queue.push(text);
  await clock.elapse(1_000);
  expect(posted).toEqual(["one"]);
  await clock.elapse(3_000);
  expect(posted).toEqual(["one", "two", "three"]);
  await clock.elapse(60_000);
  expect(clock.pending()).toBe(0);
});

test("what is too much is dropped, and counted where people read it", async () => {
  const { queue, posted, clock } = open();
  for (let call = 0; call < 10; call += 1) queue.push(String(call));
  await clock.elapse(60_000);
  expect(posted).toEqual(["0", "1", "2", "7 more calls of tools are left out: there were too many at once."]);
});

test("one that Slack does not take yet is tried again, and not for ever", async () => {
  const later = retryable({ code: "rate_limited", message: "Wait.", retryAfterMs: 30_000 });
  const { queue, posted, clock } = open(later, later, later);
  queue.push("one");
  queue.push("two");
  await clock.elapse(29_000);
  expect(posted).toEqual(["one"]);
  await clock.elapse(200_000);
  expect(posted).toEqual(["one", "one", "one", "two"]);
});

test("one that cannot be posted is told by one warning, and nothing is tried for a while", async () => {
  const lack = misconfigured({ code: "missing_scope", message: "Add the scope." });
  const { queue, posted, clock, logger } = open(lack, lack);
  queue.push("one");
  queue.push("two");
  await clock.elapse(60_000);
  queue.push("three");
  await clock.elapse(600_000);
  queue.push("four");
  await clock.elapse(60_000);
  expect(posted).toEqual(["one", "four"]);
  expect(logger.entries).toMatchObject([{ level: "warn", fields: { code: "missing_scope" } }]);
});

test("its end drops what waits, with a count, and leaves no timer", async () => {
  const { queue, posted, clock, logger } = open();
  for (let call = 0; call < 6; call += 1) queue.push(String(call));
  await queue.stop();
  queue.push("late");
  await clock.elapse(60_000);
  expect(posted).toEqual(["0"]);
  expect(logger.entries).toMatchObject([{ level: "warn", fields: { lost: 5 } }]);
  expect(clock.pending()).toBe(0);
});
