import { testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import { NonRetryable } from "./task-failure.ts";
import type { TaskFilter, TaskInput } from "./task.ts";
import { listTasks } from "./task-list.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const inputs: Readonly<Record<string, TaskInput>> = {
  plain: { type: "t" },
  typed: { type: "other" },
  queued: { type: "t", queue: "mail" },
  laned: { type: "t", lane: "l" },
  talking: { type: "t", session_id: "s" },
  planned: { type: "t", reason: "scheduled" },
  broken: { type: "broken" },
};

describe.each(testEngines)("listing tasks on %s", (engine) => {
  it("shows those that fit each filter, the newest first", async () => {
    const { tasks } = await fixtures.open(engine);
    for (const [title, input] of Object.entries(inputs)) await tasks.enqueue({ ...input, title });
    const worker = tasks.createWorker({ handlers: { broken } });
    await worker.runUntilIdle();
    await worker.stop();
    const shown = async (filter: TaskFilter): Promise<unknown[]> =>
      (await tasks.list(filter)).items.map(({ title }) => title);
    expect(await shown({})).toEqual(Object.keys(inputs).toReversed());
    expect(await shown({ type: "other" })).toEqual(["typed"]);
    expect(await shown({ queue: "mail" })).toEqual(["queued"]);
    expect(await shown({ lane: "l" })).toEqual(["laned"]);
    expect(await shown({ session_id: "s" })).toEqual(["talking"]);
    expect(await shown({ reason: "scheduled" })).toEqual(["planned"]);
    expect(await shown({ failure_code: "non_retryable" })).toEqual(["broken"]);
    expect(await shown({ state: "failed", type: "broken" })).toEqual(["broken"]);
    expect(await shown({ state: "pending", failure_code: "non_retryable" })).toEqual([]);
    expect(await shown({ session_id: "s", type: "other" })).toEqual([]);
  });

  it("goes by the time that a task was made", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const made = Number.parseInt(task.id.replaceAll("-", "").slice(0, 12), 16);
    const count = async (filter: TaskFilter): Promise<number> => (await tasks.list(filter)).items.length;
    expect(await count({ created_after: new Date(made) })).toBe(1);
    expect(await count({ created_after: new Date(made + 1) })).toBe(0);
    expect(await count({ created_before: new Date(made + 1) })).toBe(1);
    expect(await count({ created_before: new Date(made) })).toBe(0);
    expect(await count({ created_after: new Date(-1), created_before: new Date("+200000-01-01") })).toBe(1);
  });

  it("looks through so many tasks per page, and goes on behind them", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const types = ["rare", "t", "t", "t", "rare", "t"];
    await tasks.enqueueMany(types.map((type) => ({ type })));
    const pages: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listTasks(store.db, { type: "rare", ...(cursor && { cursor }) }, 2);
      pages.push(page.items.length);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(pages).toEqual([1, 0, 1, 0]);
  });
});

async function broken(): Promise<never> {
  throw new NonRetryable("broken");
}
