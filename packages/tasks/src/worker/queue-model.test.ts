import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lease, WorkerIdentity } from "../lease/lease.ts";
import { recoverOrphans } from "./recovery.ts";
import { claimTasks } from "../task/task-claim.ts";
import { failureOf } from "../task/task-failure.ts";
import { completeTask, failTask, releaseTask } from "../task/task-settlement.ts";
import type { TaskState } from "../task/task.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import { heartbeat, registerWorker } from "../lease/worker-row.ts";

const fixtures = createTasksFixtures();
let fixture: TasksFixture;
beforeAll(async () => {
  fixture = await fixtures.open("pglite");
  fixture.dispatchers.register("test", recordingDispatcher(), { owner: "test" });
});
afterAll(() => fixtures.close());

type WorkerName = "A" | "B";

type Command =
  | {
      readonly do: "enqueue";
      readonly lane?: string;
      readonly dispatch: boolean;
      readonly maxAttempts: number;
    }
  | { readonly do: "claim"; readonly by: WorkerName; readonly limit: number }
  /** `lease` picks one of all leases ever given, most of them stale. */
  | { readonly do: "complete" | "fail" | "failForGood" | "release"; readonly lease: number }
  | { readonly do: "restart" | "silence" | "beat"; readonly worker: WorkerName }
  | { readonly do: "sweep" };

const worker = fc.constantFrom<WorkerName>("A", "B");
const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        do: fc.constant("enqueue" as const),
        lane: fc.constantFrom("x", "y"),
        dispatch: fc.boolean(),
        maxAttempts: fc.integer({ min: 1, max: 3 }),
      },
      { requiredKeys: ["do", "dispatch", "maxAttempts"] },
    ),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("claim" as const),
      by: worker,
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom("complete" as const, "fail" as const, "failForGood" as const, "release" as const),
      lease: fc.nat({ max: 40 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("restart" as const, "silence" as const, "beat" as const),
      worker,
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "sweep" as const }) },
);

interface ModelTask {
  readonly id: string;
  readonly lane: string | null;
  readonly dispatch: boolean;
  readonly maxAttempts: number;
  state: TaskState;
  attempt: number;
  fence: number;
  holder: WorkerIdentity | null;
}

/** What the queue ought to hold, kept by simple means. */
interface Model {
  readonly tasks: ModelTask[];
  readonly leases: Lease[];
  readonly workers: Record<WorkerName, WorkerIdentity>;
  readonly silent: Set<WorkerName>;
}

describe("the queue", () => {
  it("keeps its promises whatever workers do, lose and repeat", async () => {
    const promises = fc.asyncProperty(
      fc.array(commands, { minLength: 5, maxLength: 30, size: "max" }),
      async (list) => {
        const model = await emptyQueue();
        for (const command of list) {
          await run(command, model);
          await compare(model);
        }
      },
    );
    const report = await fc.check(promises, { numRuns: 30, interruptAfterTimeLimit: 12_000 });
    expect(report.failed, fc.defaultReportMessage(report)).toBe(false);
  });
});

async function emptyQueue(): Promise<Model> {
  const { store } = fixture;
  const tables = [store.table("task"), store.table("body"), store.table("worker")];
  await sql`truncate ${sql.join(tables)} cascade`.execute(store.db);
  const workers = {
    A: await registerWorker(store, "A", advert),
    B: await registerWorker(store, "B", advert),
  };
  return { tasks: [], leases: [], workers, silent: new Set() };
}

const advert = { taskTypes: ["t"], dispatchTypes: ["test"], deadAfterMs: 600_000 };
const plainError = failureOf(new Error("plain"), "any");
const finalError = failureOf(new Error("final"), "classified");

async function run(command: Command, model: Model): Promise<void> {
  const { store, dispatchers } = fixture;
  const deps = { store, dispatchers, random: () => 0, onSettled: () => undefined };
  switch (command.do) {
    case "enqueue":
      return enqueue(command, model);
    case "claim":
      return claim(command, model);
    case "complete":
      return settle(
        command.lease,
        model,
        (lease) => completeTask(deps, lease, "done"),
        () => "complete",
      );
    case "fail":
      return settle(command.lease, model, (lease) => failTask(deps, lease, plainError), afterFailure);
    case "failForGood":
      return settle(
        command.lease,
        model,
        (lease) => failTask(deps, lease, finalError),
        () => "failed",
      );
    case "release":
      return settle(
        command.lease,
        model,
        async (lease) => ((await releaseTask(store, lease)) ? "pending" : null),
        (task) => {
          task.attempt -= 1;
          return "pending";
        },
      );
    case "restart":
      model.workers[command.worker] = await registerWorker(store, command.worker, advert);
      model.silent.delete(command.worker);
      return;
    case "silence":
      await sql`update ${store.table("worker")} set alive_until = now() where id = ${command.worker}`.execute(
        store.db,
      );
      model.silent.add(command.worker);
      return;
    case "beat":
      expect(await heartbeat(store, model.workers[command.worker], advert)).toBe(true);
      model.silent.delete(command.worker);
      return;
    case "sweep":
      return sweep(model, await recoverOrphans(deps));
  }
}

async function enqueue(command: Command & { do: "enqueue" }, { tasks }: Model): Promise<void> {
  const { lane, dispatch, maxAttempts } = command;
  const { task } = await fixture.tasks.enqueue({
    type: "t",
    max_attempts: maxAttempts,
    ...(lane !== undefined && { lane }),
    ...(dispatch && { dispatch_type: "test" }),
  });
  tasks.push({
    id: task.id,
    lane: task.lane,
    dispatch,
    maxAttempts,
    state: "pending",
    attempt: 0,
    fence: 0,
    holder: null,
  });
}

async function claim({ by, limit }: Command & { do: "claim" }, model: Model): Promise<void> {
  const identity = model.workers[by];
  const free = model.silent.has(by) ? [] : claimable(model);
  const claimed = await claimTasks(fixture.store, {
    worker: identity,
    queues: ["default"],
    types: ["t"],
    limit,
  });
  expect(claimed).toHaveLength(Math.min(limit, free.length));
  for (const { lease } of claimed) {
    const task = free.find(({ id }) => id === lease.id);
    if (task === undefined) throw new Error(`Task ${lease.id} was not to be claimed.`);
    Object.assign(task, {
      state: "running",
      attempt: task.attempt + 1,
      fence: task.fence + 1,
      holder: identity,
    });
    expect(lease.fence).toBe(task.fence);
    model.leases.push(lease);
  }
}

/** Pending tasks; of a lane only the first, and only while none of it runs. */
function claimable({ tasks }: Model): readonly ModelTask[] {
  return tasks.filter(({ id, lane, state }) => {
    if (state !== "pending") return false;
    if (lane === null) return true;
    const inLane = tasks.filter((one) => one.lane === lane);
    const first = inLane.find((one) => one.state === "pending");
    return first?.id === id && inLane.every((one) => one.state !== "running");
  });
}

/** Writes under any lease; only the one that a task runs under now may be accepted. */
async function settle(
  pick: number,
  { leases, tasks }: Model,
  write: (lease: Lease) => Promise<TaskState | null>,
  next: (task: ModelTask) => TaskState,
): Promise<void> {
  const lease = leases[pick % Math.max(leases.length, 1)];
  if (lease === undefined) return;
  const task = tasks.find(({ id }) => id === lease.id);
  const isLive = task?.state === "running" && task.fence === lease.fence;
  const written = await write(lease);
  if (task === undefined || !isLive) return expect(written).toBeNull();
  Object.assign(task, { state: next(task), holder: null });
  expect(written).toBe(task.state);
}

function afterFailure({ attempt, maxAttempts }: ModelTask): TaskState {
  return attempt < maxAttempts ? "pending" : "failed";
}

function sweep({ tasks, workers, silent }: Model, moved: number): void {
  const orphans = tasks.filter(({ holder }) => {
    if (holder === null) return false;
    const name = holder.id as WorkerName;
    return silent.has(name) || workers[name].epoch !== holder.epoch;
  });
  for (const task of orphans) Object.assign(task, { state: afterFailure(task), holder: null });
  expect(moved).toBe(orphans.length);
}

/** The database agrees with the model, and what was promised of each task holds. */
async function compare({ tasks }: Model): Promise<void> {
  const { store } = fixture;
  const { rows } = await sql<{
    id: string;
    state: TaskState;
    attempt: number;
    fence: number;
    worker_id: string | null;
    worker_epoch: number | null;
    has_result: boolean;
    kinds: readonly string[];
  }>`
    select t.id, t.state, t.attempt, t.fence, t.worker_id, t.worker_epoch, b.result_id is not null as has_result,
      array(select d.kind from ${store.table("delivery")} d where d.task_id = t.id) as kinds
    from ${store.table("task")} t join ${store.table("task_body")} b on b.task_id = t.id order by t.seq`.execute(
    store.db,
  );
  expect(rows).toEqual(
    tasks.map(({ id, state, attempt, fence, holder, dispatch }) => ({
      id,
      state,
      attempt,
      fence,
      worker_id: holder?.id ?? null,
      worker_epoch: holder?.epoch ?? null,
      has_result: state === "complete",
      kinds: dispatch ? kindsAfter(state) : [],
    })),
  );
  for (const { attempt, maxAttempts } of tasks) expect(attempt).toBeLessThanOrEqual(maxAttempts);
  const lanes = tasks
    .filter(({ lane, state }) => lane !== null && state === "running")
    .map(({ lane }) => lane);
  expect(new Set(lanes).size).toBe(lanes.length);
}

function kindsAfter(state: TaskState): readonly string[] {
  if (state === "complete") return ["task_result"];
  return state === "failed" ? ["task_error"] : [];
}
