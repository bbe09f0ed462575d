import { describe, expect, test } from "vitest";
import { boardSubject } from "../../test/board-subject.ts";
import * as wrong from "../../test/wrong-dispatchers.ts";
import { noneSubject } from "../../test/none-subject.ts";
import { violationsOf } from "../../test/violations.ts";
import { dispatcherContract } from "./dispatcher-contract.ts";

describe.each([
  ["a dispatcher that sends nothing", noneSubject],
  ["a dispatcher of many parts", boardSubject()],
  ["a dispatcher that cannot reconcile", boardSubject({ dispatcher: wrong.cannotReconcile })],
])("%s keeps the contract:", (_, subject) => {
  test.each(dispatcherContract(subject))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("who breaks it is found out by the name of the check:", () => {
  test.each([
    [
      "hidden retries",
      { fetch: wrong.hiddenRetries },
      [
        "dropped after the receiver had it, it never arrives twice",
        "a part whose answer is lost is neither repeated nor missing",
      ],
    ],
    [
      "claims success",
      { dispatcher: wrong.claimsSuccess },
      [
        "an attempt whose signal is already aborted sends nothing",
        "dropped before the receiver had it, it arrives once or is held",
        "a lost delivery is not mistaken for another one with the same text",
        "told when to come again (429), it does not come earlier, and arrives once",
        "told to come again later (429), it is tried again, and arrives once",
        "when the receiver fails (503), one request is made, and it never arrives twice",
        "a part whose answer is lost is neither repeated nor missing",
        "a part that the receiver refuses (503) is sent later, and no other again",
        "a part that cannot be stored ends the attempt",
      ],
    ],
    [
      "ignores its signal",
      { dispatcher: wrong.ignoresSignal, graceMs: 200 },
      [
        "an attempt whose signal is already aborted sends nothing",
        "waiting for an answer, an attempt ends when it is aborted",
      ],
    ],
    [
      "repeats parts",
      { dispatcher: wrong.repeatsParts },
      [
        "after a crash behind a stored part, no part is repeated or missing",
        "after a crash before a sent part was stored, none is repeated or missing",
        "a part whose answer is lost is neither repeated nor missing",
        "a part that the receiver refuses (503) is sent later, and no other again",
        "a part that cannot be stored ends the attempt",
      ],
    ],
    [
      "reports no parts",
      { dispatcher: wrong.reportsNoParts },
      [
        "after a crash behind a stored part, no part is repeated or missing",
        "after a crash before a sent part was stored, none is repeated or missing",
        "a part that the receiver refuses (503) is sent later, and no other again",
        "a part that cannot be stored ends the attempt",
      ],
    ],
    [
      "shows its token in an outcome",
      { dispatcher: wrong.tellsToken },
      ["no secret appears in an outcome or a log, whatever happens"],
    ],
    [
      "logs its token",
      { dispatcher: wrong.logsToken },
      ["no secret appears in an outcome or a log, whatever happens"],
    ],
    [
      "claims idempotence",
      { dispatcher: wrong.claimsIdempotence },
      [
        "each delivery has an id of its own, if the receiver drops copies by it",
        "dropped after the receiver had it, it never arrives twice",
        "waiting for an answer, an attempt ends when it is aborted",
        "after a crash before a sent part was stored, none is repeated or missing",
        "a part whose answer is lost is neither repeated nor missing",
        "a part that cannot be stored ends the attempt",
      ],
    ],
    [
      "reconciles by the text",
      { dispatcher: wrong.reconcilesByText },
      ["a lost delivery is not mistaken for another one with the same text"],
    ],
    [
      "ignores Retry-After",
      { dispatcher: wrong.ignoresRetryAfter },
      ["told when to come again (429), it does not come earlier, and arrives once"],
    ],
    [
      "takes any target",
      { dispatcher: wrong.takesAnyTarget },
      [
        "a target with a field that does not exist is refused",
        "an invalid target is refused, and the issue names the field",
      ],
    ],
    [
      "orders by chance",
      { dispatcher: wrong.ordersByChance },
      ["the same target always has the same order key"],
    ],
    [
      "throws for a kind",
      { dispatcher: wrong.throwsForWebhookEvents },
      ["a webhook_event ends delivered, skipped or dead, without a throw"],
    ],
  ])("%s", async (_, changes, names) => {
    const violations = await violationsOf(boardSubject(changes));
    expect(violations.map(({ check }) => check)).toEqual(names);
  });

  test("hurries on while a part is being stored", async () => {
    const violations = await violationsOf(boardSubject({ dispatcher: wrong.hurriesOn }));
    // Whether the process that died gets ahead of the next one is a race; the last check has none.
    expect(violations.at(-1)?.check).toBe("a part that cannot be stored ends the attempt");
  });

  test("sends the parts in another order", async () => {
    const violations = await violationsOf(boardSubject({ dispatcher: wrong.shufflesParts }));
    expect(violations[0]?.check).toBe("a long text arrives whole and in order, in several messages");
  });
});

test("a violation says what was expected, what the receiver got, and what to do", async () => {
  const [violation] = await violationsOf(boardSubject({ fetch: wrong.hiddenRetries }));
  expect(violation?.message).toBe(
    [
      "dropped after the receiver had it, it never arrives twice",
      "Expected: delivered and shown exactly once, or held and shown at most once",
      'Seen: delivered after 1 attempt (1. delivered); the receiver got 2 messages: "Report 4711 is ready", "Report 4711 is ready"',
      `To do: ${violation?.finding.advice}`,
    ].join("\n"),
  );
  expect(violation?.finding.advice).toContain("switch off the retries of your HTTP client or SDK");
});

test("a violation for a secret does not show it", async () => {
  const [violation] = await violationsOf(boardSubject({ dispatcher: wrong.tellsToken }));
  expect(violation?.message).toContain("POST with Bearer •••: The board");
});
