import { expect, it } from "vitest";
import { createEvidence } from "./evidence.ts";

const fileWith = (...ids: string[]): string => JSON.stringify({ notifications: ids.map((id) => ({ id })) });

it("nothing is wrong where all that was acknowledged was read", () => {
  const evidence = createEvidence();
  evidence.acknowledged({ number: 1, owner: "a", atMs: 0, before: [] });
  evidence.read(fileWith("1 a", "2 b"));
  evidence.read(fileWith("2 b", "3 a"));
  evidence.acknowledged({ number: 3, owner: "a", atMs: 0, before: [] });
  expect(evidence.faults()).toEqual([]);
  expect(evidence.counts()).toMatchObject({ acknowledged: 2, reads: 2 });
});

it.each([
  ["a lost ticket", ["1 a"], "ticket 2 of b was acknowledged, and nobody has it"],
  ["a ticket that was given out again", ["1 a", "2 c"], "ticket 2 of b was acknowledged, and c has it"],
])("%s is found", (_, ids, fault) => {
  const evidence = createEvidence();
  evidence.acknowledged({ number: 2, owner: "b", atMs: 0, before: [] });
  evidence.read(fileWith(...ids));
  expect(evidence.faults()).toEqual([fault]);
});

it("what an acknowledged update has found counts as read", () => {
  const evidence = createEvidence();
  evidence.acknowledged({ number: 1, owner: "a", atMs: 0, before: [] });
  evidence.acknowledged({
    number: 3,
    owner: "b",
    atMs: 0,
    before: [1, 2].map((number) => ({ number, owner: "a" })),
  });
  expect(evidence.faults()).toEqual(["ticket 3 of b was acknowledged, and nobody has it"]);
});

it("a ticket that changes its owner is found", () => {
  const evidence = createEvidence();
  evidence.read(fileWith("1 a"));
  evidence.read(fileWith("1 b"));
  expect(evidence.faults()).toEqual(["ticket 1 was given to a and to b"]);
});

it.each(["", "{", fileWith("1 a").slice(0, -1), "null"])("a torn read is found (%j)", (text) => {
  const evidence = createEvidence();
  evidence.read(text);
  expect(evidence.faults()).toEqual([`a read was torn: ${text.length} characters`]);
});

it("the longest pause between two acknowledgements is told, in whatever order they arrive", () => {
  const evidence = createEvidence(() => 100);
  for (const atMs of [0, 90, 160, 110, 115])
    evidence.acknowledged({ number: atMs, owner: "a", atMs, before: [] });
  evidence.beginPauses();
  expect(evidence.counts()).toMatchObject({ longestPauseMs: 45 });
});
