import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@core/database";
import { openTestDatabase } from "@core/database/testing";
import type { Tasks, Worker } from "@core/tasks";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { evidenceMigrations } from "./evidence.ts";
import { createHandlers } from "./handlers.ts";
import { createRunNotes } from "./run-notes.ts";
import { workFor } from "./task-mix.ts";
import { openTasks } from "./task-queue.ts";
import { judge } from "./verdict.ts";

let database: Database;
let tasks: Tasks;
/** Alive, but for tasks of another type: the crimes are committed in its name. */
let holder: Worker;

beforeAll(async () => {
  database = await openTestDatabase("pglite");
  await database.migrate(evidenceMigrations());
  tasks = openTasks(database);
});
afterAll(() => database.close());
beforeEach(async () => {
  await sql`truncate tasks.task, tasks.body, tasks.worker, torture.run, torture.step, torture.heart cascade`.execute(
    database.kysely,
  );
  holder = tasks.createWorker({ handlers: { other: async () => null } });
  await holder.start();
});

describe("the judge", () => {
  it("finds no fault with what a worker really did", async () => {
    await as("worker 1");
    const ids = [await make(), await make("lane"), await make("lane")];
    const worker = tasks.createWorker({ handlers: createHandlers(createRunNotes(database, "worker 1")) });
    await worker.runUntilIdle();
    await worker.stop();
    const { counts, faults } = await judge(database, ids);
    expect(faults).toEqual([]);
    expect(counts).toMatchObject({ tasks: 3, complete: 3, runs: 3, takenOver: 0, late: 0 });
  });

  it("allows what a dead worker held to be taken over, and its run to go on unaware", async () => {
    const { task } = await tasks.enqueue({ type: "refused", payload: null });
    await claim(task.id, "worker 1");
    await run(task.id, "worker 1", { from: 0, to: 60_000 });
    await holder.stop();
    await end(task.id, "worker 2", "pending");
    await claim(task.id, "worker 2");
    await run(task.id, "worker 2", { from: 30_000, to: 40_000 });
    await end(task.id, "worker 2", "failed");
    const { counts, faults } = await judge(database, [task.id]);
    expect(faults).toEqual([]);
    expect(counts).toMatchObject({ failed: 1, runs: 2, takenOver: 1, late: 1 });
  });

  it("allows it in the moment in which the worker revives, and not later", async () => {
    const revive = `update tasks.worker set alive_until = clock_timestamp() + interval '1 minute'`;
    const takeBack = `update tasks.task set state = 'pending', worker_id = null, worker_epoch = null
      where state = 'running'`;
    const steps = [revive, revive, takeBack];
    const faults: (readonly string[])[] = [];
    for (const statements of [[`do $$ begin ${steps.join("; ")}; end $$`], steps]) {
      await claim(await make(), "worker 1");
      await sql`update tasks.worker set alive_until = clock_timestamp()`.execute(database.kysely);
      await as("worker 2");
      for (const statement of statements) {
        await sql.raw(statement).execute(database.kysely);
        await sleep(2); // The embedded clock counts milliseconds.
      }
      faults.push(
        (await judge(database, [])).faults.filter((fault) => fault.startsWith("taken from the living")),
      );
    }
    expect(faults).toEqual([[], [expect.stringContaining("claim 1 of worker 1")]]);
  });

  it.each<readonly [string, () => Promise<readonly string[] | void>]>([
    ["lost", async () => [randomUUID()]],
    ["stuck", async () => void (await make())],
    ["wrong end", async () => void (await endAs("failed"))],
    [
      "ended more than once",
      async () => {
        const id = await endAs("complete");
        await claim(id, "worker 1");
        await end(id, "worker 1", "complete");
      },
    ],
    [
      "result twice",
      async () => {
        const content = JSON.stringify({ task: randomUUID(), run: randomUUID() });
        for (const body of [randomUUID(), randomUUID()])
          await sql`insert into tasks.body values (${body}, ${content}::jsonb)`.execute(database.kysely);
      },
    ],
    ["result of an older run", async () => void (await endAs("complete"))],
    [
      "stale write",
      async () => {
        const id = await make();
        await claim(id, "worker 1");
        await end(id, "worker 2", "complete");
      },
    ],
    [
      "taken from the living",
      async () => {
        const id = await make();
        await claim(id, "worker 1");
        await end(id, "worker 2", "pending");
      },
    ],
    [
      "fence given twice",
      async () => {
        const id = await make();
        await claim(id, "worker 1");
        await end(id, "worker 1", "pending");
        await claim(id, "worker 1", 0);
      },
    ],
    [
      "too many attempts",
      async () => {
        await sql`update tasks.task set attempt = max_attempts + 1 where id = ${await make()}`.execute(
          database.kysely,
        );
      },
    ],
    ["ran without a claim", async () => run(await make(), "worker 1", { from: 0, to: 10 })],
    [
      "two live runs",
      async () => {
        const id = await make();
        for (const app of ["worker 1", "worker 2"]) await run(id, app, { from: 0, to: 60_000 });
      },
    ],
    ["lane with two claims", async () => noteSteps("claim", "claim")],
    ["lane out of order", async () => noteSteps("claim", "end", "claim of an earlier one")],
    ["lane numbered out of order", async () => [await make("a"), await make("a")].toReversed()],
  ])("finds: %s", async (name, commit) => {
    const ids = (await commit()) ?? [];
    const { faults } = await judge(database, ids);
    expect(faults.some((fault) => fault.startsWith(`${name}: task `))).toBe(true);
  });
});

async function make(lane?: string): Promise<string> {
  const { task } = await tasks.enqueue(workFor(1, lane));
  return task.id;
}

async function as(app: string): Promise<void> {
  await sql`select set_config('application_name', ${app}, false)`.execute(database.kysely);
}

async function claim(id: string, app: string, fenceStep = 1): Promise<void> {
  await as(app);
  await sql`update tasks.task t set state = 'running', attempt = attempt + 1, fence = fence + ${fenceStep}::int,
    started_at = now(), finished_at = null, failure_code = null, worker_id = w.id, worker_epoch = w.epoch
    from tasks.worker w where w.id = ${holder.id} and t.id = ${id}::uuid`.execute(database.kysely);
}

async function end(id: string, app: string, state: "pending" | "complete" | "failed"): Promise<void> {
  await as(app);
  await sql`update tasks.task set state = ${state}, worker_id = null, worker_epoch = null,
    failure_code = ${state === "failed" ? "non_retryable" : null},
    finished_at = case when ${state !== "pending"} then now() end where id = ${id}::uuid`.execute(
    database.kysely,
  );
}

async function endAs(state: "complete" | "failed"): Promise<string> {
  const id = await make();
  await claim(id, "worker 1");
  await end(id, "worker 1", state);
  return id;
}

/** A run that began and ended so many milliseconds from now. */
async function run(id: string, app: string, { from, to }: { from: number; to: number }): Promise<void> {
  await sql`insert into torture.run (token, task_id, attempt, app, pid, started_at, finished_at)
    select ${randomUUID()}::uuid, id, attempt, ${app}, 1, now() + ${from}::int * interval '1 ms',
      now() + ${to}::int * interval '1 ms' from tasks.task where id = ${id}::uuid`.execute(database.kysely);
}

/** Steps in one lane that the engine's own indexes would not let happen. */
async function noteSteps(...kinds: readonly string[]): Promise<void> {
  for (const kind of kinds)
    await sql`insert into torture.step (kind, task_id, seq, lane, to_state, attempt, app, fence)
      values (${kind.split(" ")[0]}, ${randomUUID()}::uuid, ${kind.includes("earlier") ? 1 : 2}, 'lane', 'running', 1,
        'worker 1', 1)`.execute(database.kysely);
}
