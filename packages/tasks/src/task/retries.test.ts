import { testEngines } from "@core/database/testing";
import { IntegrationError } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import * as tasksPackage from "../index.ts";
import { LeaseLost } from "../lease/lease.ts";
import { registerWorker } from "../lease/worker-row.ts";
import { exponentialDelays } from "../retry-policy.ts";
import type { Tasks } from "../tasks.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import { NonRetryable, RetryAfter, Snooze } from "./task-failure.ts";
import type { TaskInput } from "./task.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

/** For what happens at once on an idle machine. */
const patient = { timeout: 20_000 };

const hour = 3_600_000;
const day = 24 * hour;

describe.each(testEngines)("a snoozed task on %s", (engine) => {
  it("costs no attempt, counts as no failure, and runs when its time has come", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, makeDue } = fixture;
    const { task } = await tasks.enqueue({ type: "t", max_attempts: 1 });
    for (let nap = 0; nap < 3; nap += 1) {
      const wait = await waitAfter(fixture, new Snooze(hour));
      expect(wait).toSatisfy(isWaitOf(hour));
      expect(await tasks.get(task.id)).toMatchObject({
        state: "pending",
        attempt: 0,
        errors: [],
        finished_at: null,
      });
      expect(await runDue(tasks)).toBe(0);
      await makeDue();
    }
    expect(await runDue(tasks)).toBe(1);
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", attempt: 1, errors: [] });
  });

  it.each([
    [Number.NaN, 0],
    [-hour, 0],
    [0, 0],
    [Number.POSITIVE_INFINITY, 3_650 * day],
    [1e300, 3_650 * day],
  ])("for %d ms waits for %d ms, and is not lost", async (asked, kept) => {
    const fixture = await fixtures.open(engine);
    const { task } = await fixture.tasks.enqueue({ type: "t" });
    expect(await waitAfter(fixture, new Snooze(asked))).toSatisfy(isWaitOf(kept));
    expect(await fixture.tasks.get(task.id)).toMatchObject({ state: "pending", attempt: 0 });
    await fixture.makeDue();
    expect(await runDue(fixture.tasks)).toBe(1);
  });
});

describe.each(testEngines)("a retry on %s", (engine) => {
  it.each([
    ["longer than the backoff is kept to", hour, hour],
    ["shorter than the backoff changes nothing", 10, 60_000],
    ["of more than a day is a day", 3 * day, day],
    ["of no number is none", Number.NaN, 60_000],
    ["of Infinity is a day", Number.POSITIVE_INFINITY, day],
  ])("after a RetryAfter %s", async (_, asked, kept) => {
    const fixture = await fixtures.open(engine, { types: { t: { backoff: [60_000] } }, random: almostOne });
    const { tasks } = fixture;
    const { task } = await tasks.enqueue({ type: "t" });
    expect(await waitAfter(fixture, new RetryAfter(asked))).toSatisfy(isWaitOf(kept));
    const message = expect.stringContaining("again");
    expect(await tasks.get(task.id)).toMatchObject({
      state: "pending",
      attempt: 1,
      errors: [{ attempt: 1, code: "RetryAfter", message }],
    });
    expect(await runDue(tasks)).toBe(0);
  });

  it.each([
    ["its own waits, the last of which repeats", [1_000, 5_000, 60_000], [1_000, 5_000, 60_000, 60_000]],
    ["waits that double", exponentialDelays(2_000, 9_000), [2_000, 4_000, 8_000, 9_000]],
    ["no waits at all", [], [0, 0, 0]],
    ["the default", undefined, [1_000, 2_000, 4_000, 8_000]],
  ])("of a type with %s waits so long", async (_, backoff, waits) => {
    const types = { t: backoff === undefined ? {} : { backoff }, other: { backoff: [day] } };
    const fixture = await fixtures.open(engine, { types, random: almostOne });
    const { task } = await fixture.tasks.enqueue({ type: "t" });
    for (const wait of waits) {
      expect(await waitAfter(fixture, new Error("again"))).toSatisfy(isWaitOf(wait));
      await fixture.makeDue();
    }
    expect((await fixture.tasks.get(task.id))?.errors).toHaveLength(waits.length);
  });

  it("waits for a random part of that, so that many do not come at once", async () => {
    const fixture = await fixtures.open(engine, { types: { t: { backoff: [60_000] } }, random: () => 0.25 });
    await fixture.tasks.enqueue({ type: "t" });
    expect(await waitAfter(fixture, new Error("again"))).toSatisfy(isWaitOf(15_000));
  });

  it.each<readonly [string, TaskInput, unknown, string]>([
    ["NonRetryable", { type: "t" }, new NonRetryable("no"), "non_retryable"],
    ["NonRetryable from an agent", { prompt: "x" }, new NonRetryable("no"), "non_retryable"],
    ["a plain error from an agent", { prompt: "x" }, new Error("no"), "non_retryable"],
    [
      "a plain error where the type asks for classified ones",
      { type: "careful" },
      new Error("no"),
      "non_retryable",
    ],
    ["a plain error in the last attempt", { type: "t", max_attempts: 1 }, new Error("no"), "exhausted"],
    ["a RetryAfter in the last attempt", { type: "t", max_attempts: 1 }, new RetryAfter(1), "exhausted"],
  ])("does not come after %s", async (_, input, error, failureCode) => {
    const fixture = await fixtures.open(engine, { types: { careful: { retry: "classified" } } });
    const { task } = await fixture.tasks.enqueue(input);
    await waitAfter(fixture, error);
    const read = await fixture.tasks.get(task.id);
    expect(read).toMatchObject({ state: "failed", failure_code: failureCode, attempt: 1 });
    expect(read?.finished_at).toBeInstanceOf(Date);
    await fixture.makeDue();
    expect(await runDue(fixture.tasks)).toBe(0);
  });

  it.each<readonly [string, TaskInput, unknown]>([
    ["an agent's error that says it may", { prompt: "x" }, busy()],
    ["an agent's RetryAfter", { prompt: "x" }, new RetryAfter(1)],
    ["an error that says it may, where the type asks for classified ones", { type: "careful" }, busy()],
    ["any error of another task", { type: "t" }, "a text"],
  ])("comes after %s", async (_, input, error) => {
    const fixture = await fixtures.open(engine, { types: { careful: { retry: "classified" } } });
    const { task } = await fixture.tasks.enqueue(input);
    await waitAfter(fixture, error);
    expect(await fixture.tasks.get(task.id)).toMatchObject({ state: "pending", attempt: 1 });
    await fixture.makeDue();
    expect(await runDue(fixture.tasks)).toBe(1);
    expect(await fixture.tasks.get(task.id)).toMatchObject({
      state: "complete",
      attempt: 2,
      failure_code: null,
    });
  });

  it("that succeeds keeps the errors of the runs before", async () => {
    const fixture = await fixtures.open(engine);
    const { task } = await fixture.tasks.enqueue({ type: "t" });
    for (const message of ["one", "two"]) {
      await waitAfter(fixture, new Error(message));
      await fixture.makeDue();
    }
    await runDue(fixture.tasks);
    expect(await fixture.tasks.get(task.id)).toMatchObject({
      state: "complete",
      attempt: 3,
      errors: [
        { attempt: 1, message: "one" },
        { attempt: 2, message: "two" },
      ],
    });
  });
});

describe.each(testEngines)("a lost lease on %s", (engine) => {
  it("aborts the handler with a LeaseLost, which the package exports, and drops its result", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const begun = Promise.withResolvers<void>();
    const reason = Promise.withResolvers<unknown>();
    const worker = tasks.createWorker({
      heartbeatMs: 10,
      handlers: {
        t: (_task, { signal }) =>
          new Promise((resolve) => {
            signal.addEventListener("abort", () => {
              reason.resolve(signal.reason);
              resolve("too late");
            });
            begun.resolve();
          }),
      },
    });
    await worker.tick();
    await begun.promise;
    const other = await registerWorker(store, "other", {
      taskTypes: [],
      dispatchTypes: [],
      deadAfterMs: hour,
    });
    await sql`update ${store.table("task")}
      set fence = fence + 1, worker_id = ${other.id}, worker_epoch = ${other.epoch}::bigint`.execute(
      store.db,
    );
    const lost = await reason.promise;
    expect(tasksPackage.LeaseLost).toBe(LeaseLost);
    expect(lost).toBeInstanceOf(tasksPackage.LeaseLost);
    expect(lost).toMatchObject({ code: "LEASE_LOST", retryable: true, details: { id: task.id } });
    await expect.poll(() => worker.stats().leasesLost, patient).toBe(1);
    const [row] = await store.db.selectFrom("task").select(["state", "worker_id", "result_id"]).execute();
    expect(row).toEqual({ state: "running", worker_id: "other", result_id: null });
    await worker.stop();
  });
});

/** Whatever is random is as long as it may be. */
const almostOne = (): number => 1 - Number.EPSILON;

function busy(): IntegrationError {
  return new IntegrationError({ code: "MODEL_BUSY", message: "Busy.", retryable: true });
}

/** Lets the one due task fail, and says how long the database lets it wait: between so much and so much. */
async function waitAfter({ tasks, store }: TasksFixture, error: unknown): Promise<Wait> {
  const before = await databaseTime(store);
  const fail = async (): Promise<never> => {
    throw error;
  };
  const handlers = { t: fail, agent: fail, careful: fail };
  const worker = tasks.createWorker({ handlers, concurrency: 1 });
  expect(await worker.tick()).toBe(1);
  await worker.stop();
  const after = await databaseTime(store);
  const [row] = await store.db.selectFrom("task").select("run_at").execute();
  const runAt = row?.run_at.getTime() ?? Number.NaN;
  return { least: runAt - after.getTime(), most: runAt - before.getTime() };
}

/** The exact wait is somewhere between: the database's clock was read before and after. */
function isWaitOf(ms: number): (wait: Wait) => boolean {
  return ({ least, most }) => least <= ms + 1 && most >= ms - 1;
}

interface Wait {
  readonly least: number;
  readonly most: number;
}

async function databaseTime({ db }: TasksFixture["store"]): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(db);
  return rows[0]?.at ?? new Date(Number.NaN);
}

/** Lets all that is due succeed, and gives back how many runs that were. */
async function runDue(tasks: Tasks): Promise<number> {
  let runs = 0;
  const succeed = async (): Promise<void> => void (runs += 1);
  const worker = tasks.createWorker({ handlers: { t: succeed, agent: succeed, careful: succeed } });
  await worker.runUntilIdle();
  await worker.stop();
  return runs;
}
