import type { Database } from "@core/database";
import { testEngines } from "@core/database/testing";
import { createManualClock } from "@core/testing";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createTasks } from "../create-tasks.ts";
import { NonRetryable } from "../task/task-failure.ts";
import type { TaskHandler } from "../task/task-run.ts";
import type { Tasks } from "../tasks.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import type { WatchEvent } from "./watch-task.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const NOBODY = "00000000-0000-7000-8000-000000000000";

describe.each(testEngines)("watching a task on %s", (engine) => {
  it("tells how it is, what happens to it over a retry, and ends with it", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t", payload: "p" });
    const seen = watchAll(tasks, task.id);
    await seen.until("snapshot");
    const flaky: TaskHandler = async ({ attempt }, { progress }) => {
      progress(attempt / 2);
      if (attempt === 1) throw new Error("once more");
    };
    await runAll(tasks, flaky);
    expect(await seen.ended).toEqual([
      "snapshot",
      "task.started 1",
      "task.progress 1",
      "task.retrying 1",
      "task.started 2",
      "task.progress 2",
      "task.completed 2",
    ]);
    expect(seen.events[0]).toMatchObject({
      task: { id: task.id, state: "pending", payload: "p", deliveries: [] },
    });
  });

  it("shows one that has ended and ends at once, and knows no other", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    await runAll(tasks, async () => "done");
    expect(await watchAll(tasks, task.id.toUpperCase()).ended).toEqual(["snapshot"]);
    for (const id of [NOBODY, "nonsense"])
      await expect(watchAll(tasks, id).ended).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it("hears of what happens elsewhere", async () => {
    const { tasks, again } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const seen = watchAll(again(), task.id);
    await seen.until("snapshot");
    await runAll(tasks, async () => "done");
    expect((await seen.ended).at(-1)).toBe("task.completed 1");
  });

  it("finds in the row what it does not hear, each thing once and in order", async () => {
    const { tasks, database, schema, makeDue } = await fixtures.open(engine);
    const clock = createManualClock();
    const deaf = createTasks({ database: withoutNotifications(database), schema, clock });
    const { task } = await tasks.enqueue({ type: "t" });
    const seen = watchAll(deaf, task.id);
    await seen.until("snapshot");
    await runAll(
      tasks,
      async ({ attempt }, { progress, log }) => {
        progress(0.5);
        log("line");
        if (attempt === 1) throw new Error("once more");
      },
      1,
    );
    await look(clock, () => seen.lines.includes("task.retrying 1"));
    await makeDue();
    await runAll(tasks, async () => "done");
    await look(clock, () => seen.lines.includes("task.completed 2"));
    expect(await seen.ended).toEqual([
      "snapshot",
      "task.started 1",
      "task.progress 1",
      "task.log 1",
      "task.retrying 1",
      "task.started 2",
      "task.completed 2",
    ]);
  });

  it("ends when its signal is aborted, also at once", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const stop = new AbortController();
    const seen = watchAll(tasks, task.id, stop.signal);
    await seen.until("snapshot");
    stop.abort(new Error("enough"));
    await expect(seen.ended).rejects.toThrow("enough");
    await expect(watchAll(tasks, task.id, stop.signal).ended).rejects.toThrow("enough");
  });
});

describe.each(testEngines)("the result of a task on %s", (engine) => {
  it("is waited for, and is there when the task has ended", async () => {
    const { tasks, again } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    const [here, elsewhere] = [tasks.result(task.id), again().result(task.id)];
    await runAll(tasks, async () => ({ sum: 3 }));
    expect(await here).toEqual({ sum: 3 });
    expect(await elsewhere).toEqual({ sum: 3 });
    expect(await tasks.result(task.id)).toEqual({ sum: 3 });
  });

  it("is refused when the task failed, was cancelled or is unknown, each with its code", async () => {
    const { tasks } = await fixtures.open(engine);
    const failing = await tasks.enqueue({ type: "t" });
    const failed = tasks.result(failing.task.id);
    failed.catch(() => {});
    await runAll(tasks, async () => {
      throw new NonRetryable("no such mailbox");
    });
    await expect(failed).rejects.toMatchObject({
      code: "TASK_FAILED",
      message: expect.stringContaining("no such mailbox"),
      details: { failure_code: "non_retryable" },
    });
    const { task } = await tasks.enqueue({ type: "t" });
    const cancelled = tasks.result(task.id);
    cancelled.catch(() => {});
    await tasks.cancel(task.id);
    await expect(cancelled).rejects.toMatchObject({ code: "TASK_CANCELLED" });
    await expect(tasks.result(NOBODY)).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it("is waited for no longer than was said, and the task goes on", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ type: "t" });
    await expect(tasks.result(task.id, { timeoutMs: 1 })).rejects.toMatchObject({
      code: "RESULT_TIMED_OUT",
      retryable: true,
    });
    const stop = new AbortController();
    const waiting = tasks.result(task.id, { signal: stop.signal, timeoutMs: 60_000 });
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect((await tasks.get(task.id))?.state).toBe("pending");
  });
});

interface Seen {
  readonly events: readonly WatchEvent[];
  readonly lines: readonly string[];
  /** All that was seen, once the watching has ended. */
  readonly ended: Promise<readonly string[]>;
  until(line: string): Promise<void>;
}

function watchAll(tasks: Tasks, id: string, signal?: AbortSignal): Seen {
  const events: WatchEvent[] = [];
  const lines: string[] = [];
  const ended = read();
  ended.catch(() => {});
  return { events, lines, ended, until: (line) => vi.waitFor(() => expect(lines).toContain(line)) };

  async function read(): Promise<readonly string[]> {
    for await (const event of tasks.watch(id, signal && { signal })) {
      events.push(event);
      lines.push(event.type === "snapshot" ? event.type : `${event.type} ${event.run}`);
    }
    return lines;
  }
}

/** Lets time pass until the watcher has looked and found it. */
async function look(clock: ReturnType<typeof createManualClock>, isFound: () => boolean): Promise<void> {
  await vi.waitFor(() => {
    clock.advance(2_000);
    expect(isFound()).toBe(true);
  });
}

function withoutNotifications(database: Database): Database {
  return { ...database, listen: async () => async () => {}, notify: async () => {} };
}

async function runAll(tasks: Tasks, handler: TaskHandler, rounds = Number.POSITIVE_INFINITY): Promise<void> {
  const worker = tasks.createWorker({ handlers: { t: handler } });
  if (rounds === 1) await worker.tick();
  else await worker.runUntilIdle();
  await worker.stop();
}
