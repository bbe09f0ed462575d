import { describe, expect, test } from "vitest";
import { boardSubject } from "../../test/board-subject.ts";
import type { WallChange } from "../../test/wall.ts";
import { wallSubject } from "../../test/wall.ts";
import * as wrong from "../../test/wrong-streams.ts";
import type { ContractCheck } from "./contract-check.ts";
import { ContractViolation } from "./contract-check.ts";
import type { DispatcherSubject } from "./dispatcher-subject.ts";
import { contractCheck } from "./scene-check.ts";
import { streamChecks } from "./stream-checks.ts";

const [SHOWN, AT_ONCE, PUT_RIGHT, BROKEN_OFF, CRASH, LOST, REFUSED] = streamChecks.map(({ name }) => name);

describe.each([
  ["a dispatcher that streams", wallSubject()],
  ["a dispatcher that does not", boardSubject()],
  ["one that streams at other targets", { ...wallSubject(), open: openPicky }],
])("%s keeps the contract:", (_, subject) => {
  test.each(checksOf(subject))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

test.each<readonly [string, WallChange, readonly (string | undefined)[]]>([
  ["declares nothing", wrong.declaresNothing, [SHOWN]],
  ["waits for the end", wrong.waitsForTheEnd, [SHOWN, CRASH]],
  ["sends it twice", wrong.sendsItTwice, [AT_ONCE, PUT_RIGHT, BROKEN_OFF, LOST, REFUSED]],
  ["changes nothing", wrong.changesNothing, [PUT_RIGHT, CRASH]],
  ["notes nothing", wrong.notesNothing, [AT_ONCE, PUT_RIGHT, BROKEN_OFF, CRASH, LOST, REFUSED]],
  ["closes nothing", wrong.closesNothing, [BROKEN_OFF]],
  ["never stops", wrong.neverStops, [BROKEN_OFF, LOST]],
  ["never ends", wrong.neverEnds, [AT_ONCE, PUT_RIGHT, BROKEN_OFF, LOST, REFUSED]],
  ["fails in the end", wrong.failsInTheEnd, [AT_ONCE, PUT_RIGHT, BROKEN_OFF, LOST, REFUSED]],
])("who %s is found out by the names of the checks", async (_, change, names) => {
  expect(await violationsOf(checksOf(wallSubject(change)))).toEqual(names);
});

test("a harness without a target at which results grow is told so", async () => {
  const nowhere = wallSubject((right) => ({ ...right, streamsTo: () => false }));
  expect(await violationsOf(checksOf(nowhere))).toHaveLength(streamChecks.length);
});

async function openPicky(
  tools: Parameters<DispatcherSubject["open"]>[0],
): ReturnType<DispatcherSubject["open"]> {
  const harness = await wallSubject().open(tools);
  const dispatcher = { ...harness.dispatcher, target: anything, streamsTo: (to: unknown) => to === "here" };
  return { ...harness, dispatcher, target: "there", otherTargets: ["here"] };
}

const anything = {
  "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
} as const;

function checksOf(subject: DispatcherSubject): readonly ContractCheck[] {
  return streamChecks.map((check) => contractCheck(check, subject));
}

async function violationsOf(checks: readonly ContractCheck[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { run } of checks) {
    await run().catch((error: unknown) => {
      if (!(error instanceof ContractViolation)) throw error;
      found.push(error.check);
    });
  }
  return found;
}
