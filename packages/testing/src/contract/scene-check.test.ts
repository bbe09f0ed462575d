import { noneDispatcher } from "@core/registry";
import { describe, expect, test } from "vitest";
import { boardSubject } from "../../test/board-subject.ts";
import { noneSubject } from "../../test/none-subject.ts";
import { violationsOf } from "../../test/violations.ts";
import { dispatcherContract } from "./dispatcher-contract.ts";

describe("a harness that would prove nothing is refused:", () => {
  test("without a receiver", async () => {
    const violations = await violationsOf({ ...noneSubject, sends: true });
    expect(violations).toHaveLength(11);
    expect(violations[0]?.message).toContain("state `sends: false`");
  });

  test("with a target that is not valid", async () => {
    const { open } = boardSubject();
    const violations = await violationsOf({
      open: async (tools) => ({ ...(await open(tools)), target: { room: 7 } }),
    });
    expect(violations[0]?.message).toContain('refused ("room": Name a room, such as hall.)');
  });

  test("whose requests do not meet the faults", async () => {
    const violations = await violationsOf(boardSubject({ match: () => false }));
    const [first] = violations;
    expect(first?.check).toBe("dropped before the receiver had it, it arrives once or is held");
    expect(first?.message).toContain("let its `match` take those that post a message");
  });

  test("with a long text that is too short", async () => {
    const violations = await violationsOf({ ...boardSubject(), longText: "short" });
    expect(violations[0]?.message).toContain("made by numberedText(…)");
  });
});

test("every check has its own harness, which is disposed of", async () => {
  let opened = 0;
  let disposed = 0;
  const checks = dispatcherContract({
    ...noneSubject,
    async open() {
      opened += 1;
      const dispose = async (): Promise<void> => void (disposed += 1);
      return { dispatcher: noneDispatcher, target: {}, [Symbol.asyncDispose]: dispose };
    },
  });
  expect(opened).toBe(0);
  for (const { run } of checks) await run();
  expect([opened, disposed]).toEqual([checks.length, checks.length]);
});

test("no two checks have one name", () => {
  const names = dispatcherContract(boardSubject()).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
