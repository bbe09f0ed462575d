import { createManualClock } from "@core/testing";
import { expect, test } from "vitest";
import { createCallBudget } from "../call-budget.ts";
import { createStreamLimits } from "./stream-limits.ts";

const NOW = { signal: new AbortController().signal, longestWaitMs: 0 };
const team = "T1";

test("no stream begins that could not be ended within the minute, with all that are open", async () => {
  const budget = createCallBudget(createManualClock());
  const limits = createStreamLimits(budget)(team);
  await budget.admit({ team, method: "chat.stopStream" }, NOW);
  limits.open.streams = 18;
  expect(limits.startsInMs()).toBe(0);
  limits.open.streams = 19;
  expect(limits.startsInMs()).toBeGreaterThan(0);
});

test("growing messages leave an edit for the end of each, and some more", async () => {
  const budget = createCallBudget(createManualClock());
  const limits = createStreamLimits(budget)(team);
  Object.assign(limits.open, { streams: 3, edited: 7 });
  const edit = { team, method: "chat.update" };
  let grown = 0;
  for (; limits.editsInMs() === 0; grown += 1) await budget.admit(edit, NOW);
  expect(grown).toBe(30);
  expect(limits.beginsInMs()).toBe(0);
  limits.open.edited = 17;
  expect(limits.beginsInMs()).toBeGreaterThan(0);
  expect(limits.startsInMs()).toBeGreaterThan(0);
});

test("a workspace has one set of limits, and no other's", () => {
  const limitsOf = createStreamLimits(createCallBudget(createManualClock()));
  limitsOf(team).open.streams = 20;
  expect(limitsOf(team).startsInMs()).toBeGreaterThan(0);
  expect(limitsOf("T2").startsInMs()).toBe(0);
});
