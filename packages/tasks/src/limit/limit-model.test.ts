import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import type { WorkerIdentity } from "../lease/lease.ts";
import { registerWorker } from "../lease/worker-row.ts";
import { limitFunctions } from "../store/schema/limit-functions.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import { claimTasks, completeTask, releaseTask } from "../testing/leases.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import type { LimitTarget } from "./limit.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const DAY = 24 * 60 * 60 * 1_000;
const types = ["a", "b"] as const;
const keys = ["k", "l", null] as const;

type Command =
  | { readonly do: "enqueue"; readonly type: string; readonly key: string | null; readonly priority: number }
  | { readonly do: "claim"; readonly limit: number }
  | { readonly do: "complete" | "release"; readonly run: number }
  | {
      readonly do: "set";
      readonly of: string;
      readonly concurrency: number | null;
      readonly count: number | null;
    }
  | { readonly do: "remove" | "pause" | "resume"; readonly of: string };

const of = fc.constantFrom("type:a", "queue:default", "key:k", "key:l");
const few = fc.integer({ min: 1, max: 3 });
const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("enqueue" as const),
      type: fc.constantFrom(...types),
      key: fc.constantFrom(...keys),
      priority: fc.constantFrom(0, 0, 1),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("claim" as const), limit: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("complete" as const, "release" as const),
      run: fc.nat({ max: 9 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ do: fc.constant("set" as const), of, concurrency: fc.option(few), count: fc.option(few) })
      .filter(({ concurrency, count }) => concurrency !== null || count !== null),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("remove" as const, "pause" as const, "resume" as const), of }),
  },
);

interface ModelTask {
  readonly id: string;
  readonly names: readonly string[];
  readonly hasKey: boolean;
  readonly priority: number;
  /** The order in which turns came; equal ones by the place in the list. */
  ready: number;
  turn: "now" | "limited";
  run: ClaimedTask | null;
}

interface ModelLimit {
  concurrency: number;
  count: number | null;
  /** Starts that the rate has left; in a test's time none come back. */
  left: number;
}

interface Model {
  /** Those that have not ended, oldest first. */
  tasks: ModelTask[];
  readonly limits: Map<string, ModelLimit>;
  readonly paused: Set<string>;
  readonly worker: WorkerIdentity;
  clock: number;
}

describe("claims of limited tasks", () => {
  it.each([
    ["in order", (text: string): string => text],
    [
      "from group to group",
      (text: string): string =>
        text
          .replace("v_walk int := 100", "v_walk int := 1")
          .replace("v_walk := 100", "v_walk := 1 - 2 * p_limit"),
    ],
  ])("start what a simple model starts when they look %s", async (_how, change) => {
    // PGlite's clock counts milliseconds, in which several turns come at once.
    const fixture = await fixtures.open("postgres");
    for (const text of limitFunctions(fixture.store.name)) {
      await sql
        .raw(change(text).replace("create function", "create or replace function"))
        .execute(fixture.store.db);
    }
    const promises = fc.asyncProperty(
      fc.array(commands, { minLength: 10, maxLength: 60, size: "max" }),
      async (list) => {
        const model = await emptyQueue(fixture);
        for (const command of list) await run(command, model, fixture);
      },
    );
    const report = await fc.check(promises, { numRuns: 60, interruptAfterTimeLimit: 12_000 });
    expect(report.failed, fc.defaultReportMessage(report)).toBe(false);
  });
});

async function emptyQueue({ store }: TasksFixture): Promise<Model> {
  const names = ["task", "task_body", "body", "task_limit", "task_pause", "worker"] as const;
  await sql`truncate ${sql.join(names.map((name) => store.table(name)))} cascade`.execute(store.db);
  const advert = { taskTypes: types, dispatchTypes: [], deadAfterMs: DAY };
  const worker = await registerWorker(store, "w", advert);
  return { tasks: [], limits: new Map(), paused: new Set(), worker, clock: 0 };
}

async function run(command: Command, model: Model, fixture: TasksFixture): Promise<void> {
  const { tasks, store, dispatchers } = fixture;
  model.clock += 1;
  switch (command.do) {
    case "enqueue":
      return enqueue(command, model, fixture);
    case "claim":
      return claim(command.limit, model, fixture);
    case "complete":
      return end(command.run, model, async (claimed, task) => {
        await completeTask({ store, dispatchers, random: () => 0 }, claimed, null);
        model.tasks = model.tasks.filter((one) => one !== task);
      });
    case "release":
      return end(command.run, model, async (claimed, task) => {
        await releaseTask(store, claimed);
        // It keeps its place in the order.
        task.run = null;
      });
    case "set":
      return setLimit(command, model, fixture);
    case "remove":
      expect(await tasks.limits.remove(targetOf(command.of))).toBe(model.limits.delete(command.of));
      return freeTasks(command.of, model);
    case "pause":
      model.paused.add(command.of);
      return tasks.pause(targetOf(command.of));
    case "resume":
      expect(await tasks.resume(targetOf(command.of))).toBe(model.paused.delete(command.of));
  }
}

async function enqueue(
  { type, key, priority }: Command & { do: "enqueue" },
  model: Model,
  { tasks }: TasksFixture,
): Promise<void> {
  const { task } = await tasks.enqueue({ type, priority, ...(key !== null && { limit_key: key }) });
  const names = [`type:${type}`, "queue:default", ...(key === null ? [] : [`key:${key}`])];
  const isLimited = key !== null || names.some((name) => model.limits.has(name));
  const turn = isLimited ? "limited" : "now";
  model.tasks.push({
    id: task.id,
    names,
    hasKey: key !== null,
    priority,
    ready: model.clock,
    turn,
    run: null,
  });
}

async function claim(limit: number, model: Model, { store }: TasksFixture): Promise<void> {
  const expected = new Set<ModelTask>();
  for (const task of inOrder(model)) {
    if (expected.size < limit && mayStart(task, model, expected)) expected.add(task);
  }
  for (const name of [...expected].flatMap(({ turn, names }) => (turn === "limited" ? names : []))) {
    const found = model.limits.get(name);
    if (found !== undefined) found.left -= 1;
  }
  const { worker } = model;
  const claimed = await claimTasks(store, { worker, queues: ["default"], types, limit });
  expect(claimed.map(({ task }) => task.id)).toEqual([...expected].map(({ id }) => id));
  for (const one of claimed) {
    const task = model.tasks.find(({ id }) => id === one.task.id);
    if (task !== undefined) task.run = one;
  }
}

function inOrder({ tasks }: Model): readonly ModelTask[] {
  const pending = tasks.filter((task) => task.run === null);
  return pending.toSorted((a, b) => b.priority - a.priority || a.ready - b.ready);
}

function mayStart(
  task: ModelTask,
  { tasks, limits, paused }: Model,
  starting: ReadonlySet<ModelTask>,
): boolean {
  if (task.names.some((name) => paused.has(name))) return false;
  if (task.turn === "now") return true;
  return task.names.every((name) => {
    const limit = limits.get(name);
    if (limit === undefined) return true;
    const counts = ({ names, turn }: ModelTask): boolean => turn === "limited" && names.includes(name);
    const started = [...starting].filter(counts).length;
    const running = tasks.filter((one) => one.run !== null && counts(one)).length;
    return running + started < limit.concurrency && started < limit.left;
  });
}

async function end(
  pick: number,
  { tasks }: Model,
  write: (claimed: ClaimedTask, task: ModelTask) => Promise<void>,
): Promise<void> {
  const running = tasks.filter((task) => task.run !== null);
  const task = running[pick % Math.max(running.length, 1)];
  if (task?.run) await write(task.run, task);
}

async function setLimit(
  { of: name, concurrency, count }: Command & { do: "set" },
  { limits, tasks }: Model,
  fixture: TasksFixture,
): Promise<void> {
  await fixture.tasks.limits.set({
    ...targetOf(name),
    ...(concurrency !== null && { concurrency }),
    ...(count !== null && { rate: { count, per_ms: DAY } }),
  });
  const known = limits.get(name);
  if (known === undefined && !name.startsWith("key:")) {
    for (const task of tasks) if (task.names.includes(name)) task.turn = "limited";
  }
  const goesOn = known !== undefined && known.count === count;
  const left = goesOn ? known.left : (count ?? Number.POSITIVE_INFINITY);
  limits.set(name, { concurrency: concurrency ?? Number.POSITIVE_INFINITY, count, left });
}

function freeTasks(name: string, { tasks, limits, clock }: Model): void {
  for (const task of tasks) {
    const isFree = !task.hasKey && !task.names.some((one) => limits.has(one));
    if (isFree && task.turn === "limited" && task.run === null && task.names.includes(name)) {
      Object.assign(task, { turn: "now", ready: clock });
    }
  }
}

function targetOf(name: string): LimitTarget {
  const [scope = "", named = ""] = name.split(":");
  return { [scope]: named } as unknown as LimitTarget;
}
