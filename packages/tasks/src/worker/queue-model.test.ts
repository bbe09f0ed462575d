import { testEngines } from "@core/database/testing";
import { silentLogger } from "@core/registry";
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import type { WorkerIdentity } from "../lease/lease.ts";
import { heartbeat, registerWorker } from "../lease/worker-row.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { NewTask } from "../task/task-row.ts";
import { exchange } from "../task/exchange.ts";
import { createIds } from "../store/new-id.ts";
import type { Settled } from "../task/task-end.ts";
import { waiting } from "../task/task-end.ts";
import { failureOf } from "../task/task-failure.ts";
import { createTasksOfEnds } from "../task/tasks-of-end.ts";
import { taskTypeSettings } from "../task/task-type.ts";
import type { TaskState } from "../task/task.ts";
import { claimTasks, completeTask, failTask, releaseTask, settleTask } from "../testing/leases.ts";
import { recoveryDeps } from "../testing/recovery-deps.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import { recoverOrphans } from "./recovery.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

type WorkerName = "A" | "B";

type Command =
  | {
      readonly do: "enqueue";
      readonly lane?: string;
      readonly dispatch: boolean;
      readonly maxAttempts: number;
      /** For a time that comes with `due`. */
      readonly planned: boolean;
    }
  | { readonly do: "due" }
  | { readonly do: "cancel" | "retry"; readonly task: number }
  | { readonly do: "claim"; readonly by: WorkerName; readonly limit: number }
  /** `lease` picks one of all leases ever given, most of them stale. */
  | {
      readonly do: "complete" | "fail" | "failForGood" | "release" | "snooze";
      readonly lease: number;
    }
  | { readonly do: "await"; readonly lease: number; readonly children: number; readonly lane?: string }
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
        planned: fc.constantFrom(false, false, false, true),
      },
      { requiredKeys: ["do", "dispatch", "maxAttempts", "planned"] },
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
      do: fc.constantFrom(
        "complete" as const,
        "fail" as const,
        "failForGood" as const,
        "release" as const,
        "snooze" as const,
      ),
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
  {
    weight: 2,
    arbitrary: fc.record(
      {
        do: fc.constant("await" as const),
        lease: fc.nat({ max: 40 }),
        children: fc.integer({ min: 0, max: 2 }),
        lane: fc.constantFrom("x", "y"),
      },
      { requiredKeys: ["do", "lease", "children"] },
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom({ do: "sweep" as const }, { do: "due" as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), task: fc.nat({ max: 20 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("retry" as const), task: fc.nat({ max: 20 }) }) },
);

interface ModelTask {
  readonly id: string;
  readonly parent: string | null;
  readonly lane: string | null;
  readonly dispatch: boolean;
  readonly maxAttempts: number;
  state: TaskState;
  /** Waits for `due`. */
  isPlanned: boolean;
  attempt: number;
  fence: number;
  holder: WorkerIdentity | null;
  cancelAsked: boolean;
  /** Of its deliveries, of those of earlier ends too. */
  readonly kinds: string[];
  /** What its lease has said of its end. */
  endedBy?: (task: ModelTask, model: Model) => TaskState;
}

/** What the queue ought to hold, kept by simple means. */
interface Model {
  readonly fixture: TasksFixture;
  readonly tasks: ModelTask[];
  readonly claims: ClaimedTask[];
  /** Who has each lane: claimed, to be tried again, or next. */
  readonly lanes: Map<string, ModelTask>;
  readonly workers: Record<WorkerName, WorkerIdentity>;
  readonly silent: Set<WorkerName>;
  /** Those that the last task to wait has brought along. */
  children: readonly ModelTask[];
}

describe.each(testEngines)("the queue on %s", (engine) => {
  it("keeps its promises whatever workers do, lose and repeat", async () => {
    const fixture = await fixtures.open(engine);
    fixture.dispatchers.register("test", recordingDispatcher(), { owner: "test" });
    const promises = fc.asyncProperty(
      fc.array(commands, { minLength: 5, maxLength: 40, size: "max" }),
      async (list) => {
        const model = await emptyQueue(fixture);
        for (const command of list) {
          await run(command, model);
          await compare(model);
        }
      },
    );
    const report = await fc.check(promises, { numRuns: 40, interruptAfterTimeLimit: 10_000 });
    expect(report.failed, fc.defaultReportMessage(report)).toBe(false);
  });
});

async function emptyQueue(fixture: TasksFixture): Promise<Model> {
  const { store } = fixture;
  const tables = [store.table("task"), store.table("task_body"), store.table("body"), store.table("worker")];
  await sql`truncate ${sql.join(tables)} cascade`.execute(store.db);
  const workers = {
    A: await registerWorker(store, "A", advert),
    B: await registerWorker(store, "B", advert),
  };
  return { fixture, tasks: [], claims: [], lanes: new Map(), workers, silent: new Set(), children: [] };
}

const advert = { taskTypes: ["t"], dispatchTypes: ["test"], deadAfterMs: 600_000 };
const plainError = failureOf(new Error("plain"), "any");
const finalError = failureOf(new Error("final"), "classified");

async function run(command: Command, model: Model): Promise<void> {
  const { store, dispatchers } = model.fixture;
  const deps = { store, dispatchers, random: () => 1 - Number.EPSILON };
  switch (command.do) {
    case "enqueue":
      return enqueue(command, model);
    case "due":
      return due(model);
    case "cancel":
      return cancel(command.task, model);
    case "retry":
      return retry(command.task, model);
    case "claim":
      return claim(command, model);
    case "complete":
      return settle(command.lease, model, (claimed) => completeTask(deps, claimed, "done"), completes);
    case "fail":
      return settle(command.lease, model, (claimed) => failTask(deps, claimed, plainError), afterFailure);
    case "failForGood":
      return settle(command.lease, model, (claimed) => failTask(deps, claimed, finalError), failsForGood);
    case "release":
    case "snooze":
      return settle(
        command.lease,
        model,
        (claimed) => releaseTask(store, claimed, command.do === "snooze" ? HOUR : 0),
        (task) => {
          task.attempt -= 1;
          task.isPlanned = command.do === "snooze";
          return task.cancelAsked ? "cancelled" : "pending";
        },
      );
    case "await":
      return awaitSome(command, model);
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
      return sweep(model);
  }
}

const HOUR = 3_600_000;

async function enqueue(command: Command & { do: "enqueue" }, model: Model): Promise<void> {
  const { lane, dispatch, maxAttempts, planned } = command;
  const { task } = await model.fixture.tasks.enqueue({
    type: "t",
    max_attempts: maxAttempts,
    ...(lane !== undefined && { lane }),
    ...(dispatch && { dispatch_type: "test" }),
    ...(planned && { delay_ms: HOUR }),
  });
  model.tasks.push({ ...fresh(), id: task.id, lane: task.lane, dispatch, maxAttempts, isPlanned: planned });
  promote(model);
}

function fresh(): Omit<ModelTask, "id" | "lane" | "dispatch" | "maxAttempts"> {
  return {
    parent: null,
    state: "pending",
    isPlanned: false,
    attempt: 0,
    fence: 0,
    holder: null,
    cancelAsked: false,
    kinds: [],
  };
}

async function awaitSome({ lease, children, lane }: Command & { do: "await" }, model: Model): Promise<void> {
  const { store, dispatchers } = model.fixture;
  const making = { newId: createIds(), dispatchers, settingsOf: taskTypeSettings };
  const tasksOfEnds = createTasksOfEnds({ store, making, followUps: undefined, logger: silentLogger });
  const input = { type: "t", max_attempts: 2, ...(lane !== undefined && { lane }) };
  const write = async (claimed: ClaimedTask): Promise<Settled> => {
    const inputs = Array.from({ length: children }, () => input);
    const end = await tasksOfEnds.withChildren(claimed, waiting(claimed), inputs);
    model.children = (end.tasks ?? []).map((row) => childOf(claimed, row));
    return settleTask(store, claimed, end);
  };
  return settle(lease, model, write, waits);
}

function childOf({ task }: ClaimedTask, { id, lane }: NewTask): ModelTask {
  return {
    ...fresh(),
    id,
    lane,
    parent: task.id,
    dispatch: false,
    maxAttempts: 2,
  };
}

/** Its children exist from now on. */
function waits(task: ModelTask, model: Model): TaskState {
  task.attempt -= 1;
  if (task.cancelAsked) return "cancelled";
  model.tasks.push(...model.children);
  return "waiting";
}

/** The time of all planned tasks has come. */
async function due(model: Model): Promise<void> {
  const { store } = model.fixture;
  await model.fixture.makeDue();
  await exchange(store, { worker: model.workers.A, wake: true, claim: { queues: [], types: [], limit: 0 } });
  for (const task of model.tasks) task.isPlanned = false;
  promote(model);
}

async function cancel(pick: number, model: Model): Promise<void> {
  const task = model.tasks[pick % Math.max(model.tasks.length, 1)];
  if (task === undefined) return;
  const answer = await model.fixture.tasks.cancel(task.id);
  if (task.state === "pending" || task.state === "waiting") {
    task.state = "cancelled";
    promote(model);
    return expect(answer).toBe("cancelled");
  }
  if (task.state !== "running") return expect(answer).toBe("ended");
  task.cancelAsked = true;
  expect(answer).toBe("cancelling");
}

/** What has ended badly begins anew, behind all that wait in its lane. */
async function retry(pick: number, model: Model): Promise<void> {
  const { tasks, fixture } = model;
  const task = tasks[pick % Math.max(tasks.length, 1)];
  if (task === undefined) return;
  const answer = await fixture.tasks.retry(task.id);
  if (task.state === "complete") return expect(answer).toBe("complete");
  if (isLive(task)) return expect(answer).toBe("not_ended");
  expect(answer).toBe("retried");
  Object.assign(task, { state: "pending", isPlanned: false, attempt: 0, cancelAsked: false });
  tasks.push(...tasks.splice(tasks.indexOf(task), 1));
  promote(model);
}

async function claim({ by, limit }: Command & { do: "claim" }, model: Model): Promise<void> {
  const identity = model.workers[by];
  const free = model.silent.has(by) ? [] : model.tasks.filter((task) => isClaimable(task, model));
  const request = { worker: identity, queues: ["default"], types: ["t"], limit };
  const claimed = await claimTasks(model.fixture.store, request);
  expect(claimed).toHaveLength(Math.min(limit, free.length));
  for (const one of claimed) {
    const { lease } = one;
    const task = free.find(({ id }) => id === lease.id);
    if (task === undefined) throw new Error(`Task ${lease.id} was not to be claimed.`);
    Object.assign(task, {
      state: "running",
      attempt: task.attempt + 1,
      fence: task.fence + 1,
      holder: identity,
    });
    expect(lease.fence).toBe(task.fence);
    model.claims.push(one);
  }
}

/** Of a lane only the one that has it. */
function isClaimable(task: ModelTask, { lanes }: Model): boolean {
  if (task.state !== "pending" || task.isPlanned) return false;
  return task.lane === null || lanes.get(task.lane) === task;
}

/**
 * Lets parents go on that have no child left, and gives each free lane to the first that waits for it, which keeps it
 * until its end.
 */
function promote({ tasks, lanes }: Model): void {
  for (const task of tasks) {
    const hasChildren = tasks.some((child) => child.parent === task.id && isLive(child));
    if (task.state === "waiting" && !hasChildren) task.state = "pending";
  }
  for (const [lane, holder] of lanes) if (!isLive(holder)) lanes.delete(lane);
  for (const task of tasks) {
    if (task.lane === null || lanes.has(task.lane)) continue;
    if (task.state === "pending" && !task.isPlanned) lanes.set(task.lane, task);
  }
}

function isLive({ state }: ModelTask): boolean {
  return state === "pending" || state === "running" || state === "waiting";
}

/** Writes under any lease; only the one that a task runs under now may be accepted. */
async function settle(
  pick: number,
  model: Model,
  write: (claimed: ClaimedTask) => Promise<Settled>,
  next: (task: ModelTask, model: Model) => TaskState,
): Promise<void> {
  const claimed = model.claims[pick % Math.max(model.claims.length, 1)];
  if (claimed === undefined) return;
  const task = model.tasks.find(({ id }) => id === claimed.lease.id);
  const isItsLease = task?.fence === claimed.lease.fence;
  const isHeld = task?.state === "running" && isItsLease;
  // Said twice under one lease, because the answer was lost, it is so once.
  const isRepeated = isItsLease && task?.endedBy === next && /complete|failed|waiting/.test(task.state);
  const written = await write(claimed);
  if (isRepeated) return expect(written).toBe(task.state);
  if (task === undefined || !isHeld) return expect(written).toBeNull();
  endIn(task, next(task, model));
  task.endedBy = next;
  expect(written).toBe(task.state);
  promote(model);
}

/** Each end is told once. */
function endIn(task: ModelTask, state: TaskState): void {
  Object.assign(task, { state, holder: null });
  if (task.dispatch) task.kinds.push(...kindsAfter(state));
}

function completes(): TaskState {
  return "complete";
}

function failsForGood(task: ModelTask): TaskState {
  return task.cancelAsked ? "cancelled" : "failed";
}

/** A failed task waits for its time; its lane waits with it. */
function afterFailure(task: ModelTask): TaskState {
  if (task.cancelAsked) return "cancelled";
  task.isPlanned = task.attempt < task.maxAttempts;
  return task.attempt < task.maxAttempts ? "pending" : "failed";
}

async function sweep(model: Model): Promise<void> {
  const settled = new Map<string, unknown>();
  const moved = await recoverOrphans(
    {
      ...recoveryDeps(model.fixture),
      onSettled: ({ task }, how) => settled.set(task.id, how),
    },
    model.workers.A,
  );
  const orphans = model.tasks.filter(({ holder }) => {
    if (holder === null) return false;
    const name = holder.id as WorkerName;
    return model.silent.has(name) || model.workers[name].epoch !== holder.epoch;
  });
  for (const task of orphans) {
    endIn(task, afterFailure(task));
    task.isPlanned = false;
    expect(settled.get(task.id)).toBe(task.state);
  }
  expect(moved).toBe(orphans.length);
  promote(model);
}

/** The database agrees with the model, and what was promised of each task holds. */
async function compare({ fixture: { store }, tasks }: Model): Promise<void> {
  const { rows } = await sql<Record<string, unknown>>`
    select t.id, t.state, t.attempt, t.fence, t.worker_id, t.worker_epoch, t.result_id is not null as has_body,
      array(select d.kind from ${store.table("delivery")} d where d.task_id = t.id order by d.seq) as kinds
    from ${store.table("task")} t order by t.seq`.execute(store.db);
  expect(rows).toEqual(
    tasks.map(({ id, state, attempt, fence, holder, dispatch, kinds }) => ({
      id,
      state,
      attempt,
      fence,
      worker_id: holder?.id ?? null,
      worker_epoch: holder?.epoch ?? null,
      has_body: state === "complete" || (state === "failed" && dispatch),
      kinds,
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
