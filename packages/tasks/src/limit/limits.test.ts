import { testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { TasksError } from "../errors.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import type { LimitInput, LimitTarget } from "./limit.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

describe.each(testEngines)("limits on %s", (engine) => {
  it("are listed as they were set last, until they are removed", async () => {
    const { tasks } = await fixtures.open(engine);
    expect(await tasks.limits.list()).toEqual([]);
    await tasks.limits.set({ type: "a", concurrency: 3 });
    await tasks.limits.set({ key: "k", rate: { count: 5, per_ms: 1_000 } });
    await tasks.limits.set({
      queue: "q",
      concurrency: 1,
      rate: { count: 2, per_ms: 60_000 },
      strategy: "skip",
    });
    await tasks.limits.set({ type: "a", concurrency: 4, strategy: "cancel_running" });
    expect(await tasks.limits.list()).toEqual([
      { key: "k", concurrency: null, rate: { count: 5, per_ms: 1_000 }, strategy: "queue" },
      { queue: "q", concurrency: 1, rate: { count: 2, per_ms: 60_000 }, strategy: "skip" },
      { type: "a", concurrency: 4, rate: null, strategy: "cancel_running" },
    ]);
    expect(await tasks.limits.remove({ queue: "q" })).toBe(true);
    expect(await tasks.limits.remove({ queue: "q" })).toBe(false);
    expect(await tasks.limits.list()).toHaveLength(2);
  });

  it("are refused with the field that is wrong and what to do", async () => {
    const { tasks } = await fixtures.open(engine);
    const refusals = [];
    for (const [wrong] of wrongLimits) refusals.push(await issuesOf(tasks.limits.set(wrong as LimitInput)));
    expect(refusals).toEqual(wrongLimits.map(([, issues]) => issues));
    expect(await tasks.limits.list()).toEqual([]);
    const nameless = {} as LimitTarget;
    for (const refused of [tasks.pause(nameless), tasks.resume(nameless), tasks.limits.remove(nameless)]) {
      expect(await issuesOf(refused)).toEqual([": Name one type, one queue or one key."]);
    }
    await expect(tasks.limits.set({ type: "a" })).rejects.toMatchObject({
      code: "LIMIT_INVALID",
      retryable: false,
      message:
        "The limit was not set. concurrency: Give concurrency, rate or both; to take a limit away, remove it.",
    });
  });
});

const oneOrMore = (max: number): string => `Give a whole number from 1 to ${max}.`;
const wrongLimits: readonly (readonly [object, readonly string[]])[] = [
  [{ concurrency: 1 }, [": Name one type, one queue or one key."]],
  [{ type: "a", key: "b", concurrency: 1 }, ["type, key: Name one type, one queue or one key."]],
  [{ type: "", concurrency: 1 }, ["type: Give 1 to 255 characters."]],
  [
    { key: "\u0000", concurrency: 1 },
    ["key: The text holds a NUL character or half a surrogate pair. Remove it."],
  ],
  [{ type: "a", concurrency: 0 }, [`concurrency: ${oneOrMore(1_000_000)}`]],
  [{ type: "a", rate: 5 }, ["rate: Give { count, per_ms }, or leave rate out."]],
  [
    { type: "a", rate: { count: 1.5, per_ms: -1, per: "s" } },
    [
      `rate.count: ${oneOrMore(1_000_000)}`,
      `rate.per_ms: ${oneOrMore(31_622_400_000)}`,
      "rate.per: There is no such field. Correct its spelling or remove it.",
    ],
  ],
  [
    { type: "a", concurrency: 1, strategy: "drop" },
    ["strategy: Give one of queue, skip, cancel_running, or leave strategy out."],
  ],
  [
    { type: "a", rate: { count: 1, per_ms: 1 }, strategy: "skip" },
    ['strategy: "skip" looks at how many run at once: give concurrency too.'],
  ],
  [
    { type: "a", concurrency: 1, max: 2 },
    ["max: There is no such field. Correct its spelling or remove it."],
  ],
];

async function issuesOf(refused: Promise<unknown>): Promise<readonly string[]> {
  const error = await refused.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TasksError) || error.code !== "LIMIT_INVALID")
    throw error ?? new Error("Not refused.");
  const { issues } = error.details as { issues: readonly { field: string; message: string }[] };
  return issues.map(({ field, message }) => `${field}: ${message}`);
}
