import { AsyncLocalStorage } from "node:async_hooks";
import { testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import type { Tasks } from "../tasks.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import { NonRetryable, RetryAfter, Snooze } from "./task-failure.ts";
import type { TaskHandler } from "./task-run.ts";
import type { TaskInput } from "./task.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

/** For what happens at once on an idle machine. */
const patient = { timeout: 20_000 };

const hour = 3_600_000;

describe.each(testEngines)("a lane on %s", (engine) => {
  it("is strictly first in, first out over three workers, each task by one of them alone", async () => {
    const { tasks, again } = await fixtures.open(engine);
    await tasks.enqueueMany(Array.from({ length: 40 }, (_, n) => inLane(n, { lane: `lane ${n % 2}` })));
    const ran = new Map<string | null, unknown[]>();
    const inside = new Set<string | null>();
    let overlaps = 0;
    const t: TaskHandler = async ({ lane, payload }) => {
      if (inside.has(lane)) overlaps += 1;
      inside.add(lane);
      await new Promise((resolve) => setImmediate(resolve));
      ran.set(lane, [...(ran.get(lane) ?? []), payload]);
      inside.delete(lane);
    };
    const workers = [tasks, again(), again()].map((one) => one.createWorker({ handlers: { t }, pollMs: 10 }));
    await Promise.all(workers.map((worker) => worker.start()));
    await expect.poll(() => [...ran.values()].flat().length, patient).toBe(40);
    await Promise.all(workers.map((worker) => worker.stop()));
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    expect(overlaps).toBe(0);
    expect(ran.get("lane 0")).toEqual(numbers.filter((n) => n % 2 === 0));
    expect(ran.get("lane 1")).toEqual(numbers.filter((n) => n % 2 === 1));
  });

  it("goes by age, not by priority, but its turn among others goes by priority", async () => {
    const { tasks } = await fixtures.open(engine);
    await tasks.enqueueMany([
      inLane("elsewhere", { lane: "other", priority: 1 }),
      inLane("first", { priority: 2 }),
      inLane("urgent", { priority: 9 }),
    ]);
    expect(await ranBy(tasks)).toEqual(["first", "urgent", "elsewhere"]);
  });

  it("goes on in the order of priority and to the worker that serves the next, also while workers run by themselves", async () => {
    const { tasks, again } = await fixtures.open(engine);
    const ran: unknown[] = [];
    const t: TaskHandler = async ({ payload }) => void ran.push(payload);
    await tasks.enqueueMany([
      inLane("elsewhere", { lane: "other", priority: 1 }),
      inLane("first", { priority: 2 }),
      inLane("urgent", { priority: 9 }),
      inLane("for another worker", { type: "u" }),
      inLane("last", { priority: 9 }),
    ]);
    const workers = [
      tasks.createWorker({ concurrency: 1, handlers: { t } }),
      again().createWorker({ concurrency: 1, handlers: { u: t } }),
    ];
    await Promise.all(workers.map((worker) => worker.start()));
    await expect.poll(() => ran.length, patient).toBe(5);
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(ran.filter((name) => name !== "elsewhere")).toEqual([
      "first",
      "urgent",
      "for another worker",
      "last",
    ]);
    expect(ran.indexOf("elsewhere")).toBeGreaterThan(ran.indexOf("urgent"));
  });

  it("takes in what has become due while its head ran, at its place", async () => {
    const { tasks, makeDue } = await fixtures.open(engine);
    const ran: unknown[] = [];
    const handlers = {
      t: (async ({ payload }) => {
        ran.push(payload);
        if (payload === "head") await makeDue();
      }) satisfies TaskHandler,
    };
    await tasks.enqueueMany([
      inLane("planned", { delay_ms: hour }),
      inLane("head"),
      inLane("second"),
      inLane("third"),
    ]);
    const worker = tasks.createWorker({ concurrency: 1, handlers, pollMs: 10 });
    await worker.start();
    await expect.poll(() => ran.length, patient).toBe(4);
    await worker.stop();
    expect(ran).toContain("planned");
    expect(ran.filter((name) => name !== "planned")).toEqual(["head", "second", "third"]);
  });

  it.each([
    ["is to be tried again", () => new RetryAfter(hour)],
    ["was snoozed", () => new Snooze(hour)],
  ])("stays with its head while that %s", async (_, thrown) => {
    const { tasks, makeDue } = await fixtures.open(engine);
    const [head, follower] = await tasks.enqueueMany([inLane("head"), inLane("follower")]);
    let runs = 0;
    const ran: unknown[] = [];
    const worker = tasks.createWorker({
      handlers: {
        t: async ({ payload }) => {
          if (payload === "head" && (runs += 1) < 3) throw thrown();
          ran.push(payload);
        },
      },
    });
    for (let round = 0; round < 2; round += 1) {
      await worker.runUntilIdle();
      expect(await tasks.get(head?.task.id ?? "")).toMatchObject({ state: "pending" });
      expect(await tasks.get(follower?.task.id ?? "")).toMatchObject({ state: "pending", attempt: 0 });
      await makeDue();
    }
    await worker.runUntilIdle();
    await worker.stop();
    expect(ran).toEqual(["head", "follower"]);
  });

  it("goes to the next when its head has failed for good", async () => {
    const { tasks } = await fixtures.open(engine);
    await tasks.enqueueMany([inLane("bad"), inLane("next"), inLane("last")]);
    expect(await ranBy(tasks, failingOn("bad"))).toEqual(["bad", "next", "last"]);
  });

  it("goes to the next when its head is cancelled, whether that waits, or waits to be tried again", async () => {
    const { tasks } = await fixtures.open(engine);
    const [first, second, third] = await tasks.enqueueMany(["a", "b", "c"].map((name) => inLane(name)));
    expect(await tasks.cancel(first?.task.id ?? "")).toBe("cancelled");
    const worker = tasks.createWorker({ handlers: { t: () => Promise.reject(new RetryAfter(hour)) } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(second?.task.id ?? "")).toMatchObject({ state: "pending", attempt: 1 });
    expect(await tasks.cancel(second?.task.id ?? "")).toBe("cancelled");
    expect(await ranBy(tasks)).toEqual(["c"]);
    expect(await tasks.get(third?.task.id ?? "")).toMatchObject({ state: "complete" });
  });

  it("is not held up by a task that is planned, which takes its place by age when it is due", async () => {
    const { tasks, makeDue } = await fixtures.open(engine);
    await tasks.enqueue(inLane("planned", { delay_ms: hour }));
    await tasks.enqueueMany([inLane("first"), inLane("second")]);
    const worker = tasks.createWorker({ handlers: { t: async () => "x" }, concurrency: 1 });
    expect(await worker.tick()).toBe(1);
    await worker.stop();
    await tasks.enqueue(inLane("third"));
    await makeDue();
    expect(await ranBy(tasks)).toEqual(["second", "planned", "third"]);
  });

  it("that is empty but for a planned task begins with that one when it is due", async () => {
    const { tasks, makeDue } = await fixtures.open(engine);
    await tasks.enqueueMany([inLane("a", { delay_ms: hour }), inLane("b", { delay_ms: 2 * hour })]);
    expect(await ranBy(tasks)).toEqual([]);
    await makeDue();
    expect(await ranBy(tasks)).toEqual(["a", "b"]);
  });

  it("has no stuck head after the transaction of its first task was undone", async () => {
    const { tasks, database } = await fixtures.open(engine);
    const undone = database.kysely.transaction().execute(async (trx) => {
      await tasks.enqueueMany([inLane("never"), inLane("neither")], { trx });
      throw new Error("changed my mind");
    });
    await expect(undone).rejects.toThrow("changed my mind");
    await tasks.enqueueMany([inLane("first"), inLane("second")]);
    expect(await ranBy(tasks)).toEqual(["first", "second"]);
  });

  it("goes on with the same task when its worker died", async () => {
    const { tasks, again } = await fixtures.open(engine);
    await tasks.enqueueMany([inLane("head"), inLane("follower")]);
    const gate = Promise.withResolvers<void>();
    const dying = tasks.createWorker({ workerId: "w", handlers: { t: () => gate.promise } });
    await dying.tick();
    expect(await ranBy(again(), undefined, "w")).toEqual(["head", "follower"]);
    gate.resolve();
    await dying.stop();
  });
});

describe.each(testEngines)("a child in the lane of its parent on %s", (engine) => {
  it("runs while the parent waits for it, and so does a grandchild", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks } = fixture;
    const ended: string[] = [];
    const delegate =
      (to: string): TaskHandler =>
      async ({ id, type }) => {
        const { task } = await tasks.enqueue({ type: to, lane: "session", parent_task_id: id });
        await expect
          .poll(async () => (await tasks.get(task.id))?.state, { timeout: 10_000 })
          .toBe("complete");
        ended.push(type);
      };
    const worker = tasks.createWorker({
      pollMs: 10,
      handlers: {
        parent: delegate("child"),
        child: delegate("grandchild"),
        grandchild: async () => void ended.push("grandchild"),
      },
    });
    const { task: parent } = await tasks.enqueue({ type: "parent", lane: "session" });
    const { task: follower } = await tasks.enqueue({ type: "grandchild", lane: "session" });
    await worker.start();
    await expect
      .poll(async () => (await tasks.get(follower.id))?.state, { timeout: 10_000 })
      .toBe("complete");
    await worker.stop();
    expect((await tasks.get(parent.id))?.state).toBe("complete");
    expect(ended).toEqual(["grandchild", "child", "parent", "grandchild"]);
  });

  it("is put beside it also when the task between them is in no lane, or is long forgotten", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const { task: parent } = await tasks.enqueue(inLane("parent"));
    const { task: between } = await tasks.enqueue({ type: "t", parent_task_id: parent.id });
    const { task: grandchild } = await tasks.enqueue(inLane("grandchild", { parent_task_id: between.id }));
    expect(grandchild.lane).toBe(`l of ${between.id}`);
    await store.db.deleteFrom("task").where("id", "in", [parent.id, between.id]).execute();
    const { task: last } = await tasks.enqueue(inLane("last", { parent_task_id: grandchild.id }));
    expect(last.lane).toBe(`l of ${grandchild.id}`);
  });

  it("stays in order with its siblings, one at a time", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task: parent } = await tasks.enqueue(inLane("parent"));
    const children = Array.from({ length: 6 }, (_, n) => inLane(n, { parent_task_id: parent.id }));
    await tasks.enqueueMany(children.slice(0, 3));
    for (const child of children.slice(3)) await tasks.enqueue(child);
    let inside = 0;
    let most = 0;
    const ran: unknown[] = [];
    const worker = tasks.createWorker({
      handlers: {
        t: async ({ payload, lane }) => {
          if (lane === "l") return;
          most = Math.max(most, (inside += 1));
          await new Promise((resolve) => setImmediate(resolve));
          ran.push(payload);
          inside -= 1;
        },
      },
    });
    await worker.runUntilIdle();
    await worker.stop();
    expect(ran).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(1);
  });

  it("that names another lane waits in that one", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task: parent } = await tasks.enqueue(inLane("parent"));
    const { task } = await tasks.enqueue(inLane("child", { lane: "other", parent_task_id: parent.id }));
    expect(task.lane).toBe("other");
  });

  it("does not wait for the tasks that wait behind its parent", async () => {
    const { tasks } = await fixtures.open(engine);
    const { task: parent } = await tasks.enqueue(inLane("parent"));
    await tasks.enqueueMany([inLane("second"), inLane("third")]);
    await tasks.enqueue(inLane("child", { parent_task_id: parent.id }));
    expect(await ranBy(tasks)).toEqual(["parent", "child", "second", "third"]);
  });
});

describe("a lane on postgres", () => {
  it("that a transaction has locked holds up its own planned tasks, but no others", async () => {
    const { tasks, database, makeDue } = await fixtures.open("postgres");
    await tasks.enqueueMany([
      inLane("planned", { delay_ms: hour }),
      { type: "t", payload: "elsewhere", delay_ms: hour },
      inLane("other lane", { delay_ms: hour, lane: "other" }),
    ]);
    await makeDue();
    await database.kysely.transaction().execute(async (trx) => {
      await tasks.enqueue(inLane("later"), { trx });
      expect(await outside(() => ranBy(tasks))).toEqual(["elsewhere", "other lane"]);
    });
    expect(await ranBy(tasks)).toEqual(["later", "planned"]);
  });

  it("takes tasks of many callers at once without a gap or a deadlock", async () => {
    const { tasks, again } = await fixtures.open("postgres");
    const callers = [tasks, again(), again()];
    const lanes = ["a", "b", "c", "d"];
    const calls = callers.flatMap((one, caller) =>
      Array.from({ length: 10 }, (_, n) =>
        one.enqueueMany(
          lanes.map((_name, at) => inLane(`${caller} ${n}`, { lane: lanes[(n + at) % 4] ?? "a" })),
        ),
      ),
    );
    await Promise.all(calls);
    const ran = new Map<string | null, unknown[]>();
    const workers = callers.map((one) =>
      one.createWorker({
        pollMs: 10,
        handlers: { t: async ({ lane, payload }) => void ran.set(lane, [...(ran.get(lane) ?? []), payload]) },
      }),
    );
    await Promise.all(workers.map((worker) => worker.start()));
    await expect.poll(() => [...ran.values()].flat().length, patient).toBe(120);
    await Promise.all(workers.map((worker) => worker.stop()));
    const orders = lanes.map((lane) => ran.get(lane));
    for (const order of orders) expect(order).toEqual(orders[0]);
  });
});

/** The transaction that a test is in must not be seen by what another process does meanwhile. */
const outside = AsyncLocalStorage.snapshot();

function inLane(payload: string | number, more: Partial<TaskInput> = {}): TaskInput {
  return { type: "t", payload, lane: "l", ...more };
}

function failingOn(bad: string): (payload: unknown) => void {
  return (payload) => {
    if (payload === bad) throw new NonRetryable("Bad.");
  };
}

/** The payloads that a worker runs until nothing is due, in order, one after the other. */
async function ranBy(
  tasks: Tasks,
  check: (payload: unknown) => void = () => {},
  workerId?: string,
): Promise<readonly unknown[]> {
  const ran: unknown[] = [];
  const worker = tasks.createWorker({
    concurrency: 1,
    ...(workerId !== undefined && { workerId }),
    handlers: {
      t: async ({ payload }) => {
        ran.push(payload);
        check(payload);
      },
    },
  });
  await worker.runUntilIdle();
  await worker.stop();
  return ran;
}

describe("a lane that a caller's transaction has locked, on postgres", () => {
  it("all the time, by callers who never pause, goes on nevertheless", async () => {
    const { tasks, again } = await fixtures.open("postgres");
    const other = again();
    const settled: unknown[] = [];
    const worker = tasks.createWorker({
      handlers: { t: async () => null },
      onTaskSettled: ({ payload }) => void settled.push(payload),
    });
    let isOver = false;
    const hold = async (one: Tasks): Promise<void> => {
      while (!isOver) await one.enqueue(inLane("later"));
    };
    await tasks.enqueue(inLane("first"));
    await tasks.enqueue(inLane("second"));
    const callers = Array.from({ length: 30 }, (_, n) => hold(n % 2 === 0 ? tasks : other));
    await worker.start();
    await expect.poll(() => settled.slice(0, 2), patient).toEqual(["first", "second"]);
    isOver = true;
    await Promise.all(callers);
    await worker.stop();
  });

  it("holds up the end of its own task only, not the worker", async () => {
    const { tasks, database } = await fixtures.open("postgres");
    for (const lane of ["a", "b", "c"]) await tasks.enqueue({ type: "t", lane, payload: lane });
    const [gate, begun, others] = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const release = Promise.withResolvers<void>();
    const settled: string[] = [];
    const worker = tasks.createWorker({
      concurrency: 2,
      handlers: {
        t: async ({ lane }) => {
          if (lane !== "a" && lane !== "b") return;
          if (lane === "b") begun?.resolve();
          await release.promise;
        },
      },
      onTaskSettled: ({ payload }) => {
        settled.push(payload as string);
        if (settled.includes("rest 7") && settled.includes("c")) others?.resolve();
      },
    });
    await worker.start();
    await begun?.promise;
    const open = database.kysely.transaction().execute(async (trx) => {
      await tasks.enqueue({ type: "t", lane: "a" }, { trx });
      await tasks.enqueue({ type: "t", lane: "b" }, { trx });
      release.resolve();
      await gate?.promise;
    });
    for (let n = 0; n < 8; n += 1) await tasks.enqueue({ type: "t", payload: `rest ${n}` });
    await others?.promise;
    expect(settled).not.toContain("a");
    expect(settled).not.toContain("b");
    gate?.resolve();
    await open;
    await expect.poll(() => settled).toEqual(expect.arrayContaining(["a", "b"]));
    await worker.stop();
  });
});
