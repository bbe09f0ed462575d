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
  limits.open = 18;
  expect(limits.startsInMs()).toBe(0);
  limits.open = 19;
  expect(limits.startsInMs()).toBeGreaterThan(0);
});

test("growing messages leave some edits to those that put messages right in the end", async () => {
  const budget = createCallBudget(createManualClock());
  const limits = createStreamLimits(budget)(team);
  const edit = { team, method: "chat.update" };
  let grown = 0;
  for (; limits.editsInMs() === 0; grown += 1) await budget.admit(edit, NOW);
  expect(grown).toBe(45);
  expect(budget.freeInMs(edit)).toBe(0);
});

test("a workspace has one set of limits, and no other's", () => {
  const limitsOf = createStreamLimits(createCallBudget(createManualClock()));
  limitsOf(team).open = 20;
  expect(limitsOf(team).startsInMs()).toBeGreaterThan(0);
  expect(limitsOf("T2").startsInMs()).toBe(0);
});
