import { testEngines } from "@core/database/testing";
import { textResult } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import type { Tasks } from "../tasks.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import { NonRetryable } from "./task-failure.ts";
import type { TaskInput } from "./task.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const unknownId = "01900000-0000-7000-8000-000000000000";

describe.each(testEngines)("retrying on %s", (engine) => {
  it("lets a failed task run again with all its attempts, and keeps what went wrong", async () => {
    const { tasks } = await fixtures.open(engine);
    const id = await failedTask(tasks);
    expect(await tasks.retry(id)).toBe("retried");
    expect(await tasks.get(id)).toMatchObject({
      state: "pending",
      attempt: 0,
      failure_code: null,
      finished_at: null,
      errors: [{ message: "broken" }],
    });
    await run(tasks, async ({ attempt }) => attempt);
    expect(await tasks.get(id)).toMatchObject({
      state: "complete",
      result: 1,
      errors: [{ message: "broken" }],
    });
  });

  it("lets a cancelled task run, also one whose cancelling was asked for while it ran", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    await run(tasks, async ({ id }) => {
      await tasks.cancel(id);
      throw new Error("too late");
    });
    expect(await tasks.get(task.id)).toMatchObject({ state: "cancelled" });
    await tasks.retry(task.id);
    await run(tasks, broken);
    expect(await tasks.get(task.id)).toMatchObject({ state: "failed" });
  });

  it("a new end makes a delivery of its own, beside the earlier one", async () => {
    const fixture = await fixtures.open(engine);
    const recorder = recordingDispatcher();
    fixture.dispatchers.register("test", recorder, { owner: "test" });
    const { tasks, store } = fixture;
    const id = await failedTask(tasks, { dispatch_type: "test" });
    await tasks.retry(id);
    await run(tasks, broken);
    await tasks.retry(id);
    await run(tasks, async () => textResult("done"));
    expect(recorder.deliveries).toMatchObject([
      { kind: "task_error", payload: { task_id: id, error: { message: "broken" } } },
      { kind: "task_error", payload: { task_id: id, error: { message: "broken" } } },
      { kind: "task_result", payload: { task_id: id, result: { text: "done" } } },
    ]);
    expect(new Set(recorder.deliveries.map((delivery) => delivery.id)).size).toBe(3);
    const { rows } = await sql<{ source: string }>`
      select source_id as source from ${store.table("delivery")} order by seq`.execute(store.db);
    expect(rows.map(({ source }) => source)).toEqual([id, `${id}/1`, `${id}/2`]);
  });

  it("leaves what is still to run and what is complete as it is", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task: complete } = await tasks.enqueue({ type: "t" });
    await run(tasks, async () => "done");
    const { task: pending } = await tasks.enqueue({ type: "t" });
    expect(await tasks.retry(complete.id)).toBe("complete");
    expect(await tasks.retry(pending.id)).toBe("not_ended");
    expect(await tasks.get(complete.id)).toMatchObject({ state: "complete", result: "done" });
    expect(await Promise.all([unknownId, "42"].map((id) => tasks.retry(id)))).toEqual(["unknown", "unknown"]);
  });

  it("puts a task behind those that wait in its lane", async () => {
    const { tasks } = await fixtures.open(engine);
    const id = await failedTask(tasks, { lane: "l" });
    const { task: first } = await tasks.enqueue({ type: "t", lane: "l" });
    const { task: second } = await tasks.enqueue({ type: "t", lane: "l" });
    await tasks.retry(id);
    const ran: string[] = [];
    await run(tasks, async (task) => void ran.push(task.id));
    expect(ran).toEqual([first.id, second.id, id]);
  });

  it("waits for room in the limits of a task", async () => {
    const { tasks } = await fixtures.open(engine);
    await tasks.limits.set({ key: "k", concurrency: 1 });
    const ids = [await failedTask(tasks, { limit_key: "k" }), await failedTask(tasks, { limit_key: "k" })];
    await Promise.all(ids.map((id) => tasks.retry(id)));
    let now = 0;
    let most = 0;
    await run(tasks, async () => {
      most = Math.max(most, (now += 1));
      await Promise.resolve();
      now -= 1;
    });
    expect(most).toBe(1);
    const states = await Promise.all(ids.map(async (id) => (await tasks.get(id))?.state));
    expect(states).toEqual(["complete", "complete"]);
  });

  it("two who retry at once retry once", async () => {
    const { tasks, again } = await fixtures.open(engine);
    const id = await failedTask(tasks, { lane: "l" });
    const answers = await Promise.all([tasks.retry(id), again().retry(id)]);
    expect(answers.toSorted()).toEqual(["not_ended", "retried"]);
  });
});

describe.each(testEngines)("redriving on %s", (engine) => {
  it("retries what fits, and nothing else", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    const kept = [await failedTask(tasks, { queue: "other" }), await cancelledTask(tasks)];
    const wanted = [await failedTask(tasks), await failedTask(tasks)];
    const filter = { type: "t", queue: "default", failure_code: "non_retryable" } as const;
    expect(await tasks.redrive({ ...filter, failure_code: "timed_out" })).toBe(0);
    expect(await tasks.redrive(filter)).toBe(2);
    expect(await statesOf(tasks, wanted)).toEqual(["pending", "pending"]);
    expect(await statesOf(tasks, kept)).toEqual(["failed", "cancelled"]);
    expect(await tasks.redrive({ state: "cancelled" })).toBe(1);
  });

  it("goes by the time of the end", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const [early, late] = [await failedTask(tasks), await failedTask(tasks)];
    await sql`update ${store.table("task")} set finished_at = '2030-01-01' where id = ${early}`.execute(
      store.db,
    );
    await sql`update ${store.table("task")} set finished_at = '2030-01-02' where id = ${late}`.execute(
      store.db,
    );
    expect(await tasks.redrive({ until: new Date("2029-12-31") })).toBe(0);
    expect(await tasks.redrive({ since: new Date("2030-01-02") })).toBe(1);
    expect(await statesOf(tasks, [early, late])).toEqual(["failed", "pending"]);
  });

  it("works in batches, tells how far it is, and keeps to its limit and the order of lanes", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    const ids = await manyFailed(fixture, 1_200);
    const told: number[] = [];
    expect(await tasks.redrive({}, { limit: 1_100, onProgress: (count) => told.push(count) })).toBe(1_100);
    expect(told).toEqual([500, 1_000, 1_100]);
    expect(await tasks.redrive({})).toBe(100);
    const ran: string[] = [];
    await run(tasks, async ({ id }) => void ran.push(id));
    expect(ran).toEqual(ids);
  });

  it("ends after a batch when its signal is aborted", async () => {
    const fixture = await fixtures.open(engine);
    await manyFailed(fixture, 600);
    const stop = new AbortController();
    const count = await fixture.tasks.redrive({}, { signal: stop.signal, onProgress: () => stop.abort() });
    expect(count).toBe(500);
  });

  it("retries each task once, also one that fails again meanwhile", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, store } = fixture;
    await manyFailed(fixture, 600);
    const failAgain = sql`update ${store.table("task")}
      set state = 'failed', failure_code = 'exhausted', finished_at = now() where state = 'pending'`;
    const again: Promise<unknown>[] = [];
    const onProgress = (): void => void again.push(failAgain.execute(store.db));
    expect(await tasks.redrive({}, { onProgress })).toBe(600);
    await Promise.all(again);
  });
});

async function broken(): Promise<never> {
  throw new NonRetryable("broken");
}

async function run(
  tasks: Tasks,
  handler: (task: { readonly id: string; readonly attempt: number }) => Promise<unknown>,
): Promise<void> {
  const worker = tasks.createWorker({ handlers: { t: handler }, queues: ["default", "other"] });
  await worker.runUntilIdle();
  await worker.stop();
}

async function failedTask(tasks: Tasks, more: Partial<TaskInput> = {}): Promise<string> {
  const { task } = await tasks.enqueue({ type: "t", ...more });
  await run(tasks, broken);
  return task.id;
}

async function cancelledTask(tasks: Tasks): Promise<string> {
  const { task } = await tasks.enqueue({ type: "t" });
  await tasks.cancel(task.id);
  return task.id;
}

/** In one lane; their ids in its order. */
async function manyFailed({ tasks, store }: TasksFixture, count: number): Promise<readonly string[]> {
  const made = await tasks.enqueueMany(Array.from({ length: count }, () => ({ type: "t", lane: "l" })));
  await sql`update ${store.table("task")}
    set state = 'failed', failure_code = 'exhausted', finished_at = now()`.execute(store.db);
  return made.map(({ task }) => task.id);
}

function statesOf(tasks: Tasks, ids: readonly string[]): Promise<unknown[]> {
  return Promise.all(ids.map(async (id) => (await tasks.get(id))?.state));
}
