import type { Database } from "@core/database";
import { testEngines } from "@core/database/testing";
import { createTestDatabases, freshSchema } from "@core/database/testing";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { tasksMigrations } from "../store/migrations.ts";
import { createTasks } from "../create-tasks.ts";
import { createFaultyDatabase } from "../testing/faulty-database.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

/** Workers that look by themselves only once an hour. */
const hourly = { pollMs: 3_600_000 };

describe.each(testEngines)("a worker beside those who enqueue, on %s", (engine) => {
  it("claims in the call that stores, when it has nothing to do", async () => {
    const { tasks, calls, run } = await setUp();
    await vi.waitFor(() => expect(run.quiet()).toBe(true));
    calls.length = 0;
    const { task, created } = await tasks.enqueue({ type: "t", payload: { n: 1 } });
    expect(created).toBe(true);
    expect(task.state).toBe("pending");
    expect(calls[0]).toBe("carry");
    await run.until(1);
    expect(run.payloads).toEqual([{ n: 1 }]);
    expect((await tasks.get(task.id))?.created_at).toEqual(task.created_at);
    expect(calls).not.toContain("enqueue");
  });

  it("takes several that come together", async () => {
    const { tasks, calls, run } = await setUp();
    await vi.waitFor(() => expect(run.quiet()).toBe(true));
    const receipts = await tasks.enqueueMany([1, 2, 3].map((n) => ({ type: "t", payload: n })));
    await run.until(3);
    expect(calls).toContain("carry");
    expect(run.payloads).toEqual([1, 2, 3]);
    expect(new Set(receipts.map(({ task }) => task.id)).size).toBe(3);
    expect(await tasks.enqueueMany([])).toEqual([]);
  });

  it("leaves alone what has a lane, a key or a time, and what is for others", async () => {
    const { tasks, calls, run } = await setUp();
    const inputs = [
      { type: "t", payload: 1, lane: "l" },
      { type: "t", payload: 2, idempotency_key: "k" },
      { type: "t", payload: 3, dedupe: { key: "k" } },
      { type: "t", payload: 4, delay_ms: 1 },
      { type: "other" },
      { type: "t", queue: "other" },
    ];
    for (const input of inputs) {
      await vi.waitFor(() => expect(run.quiet()).toBe(true));
      await tasks.enqueue(input);
    }
    await run.until(4);
    expect(calls).not.toContain("carry");
    expect(new Set(run.payloads)).toEqual(new Set([1, 2, 3, 4]));
  });

  it("says which were skipped because a limit is full, and looks again for the others", async () => {
    const { tasks, run } = await setUp();
    await tasks.limits.set({ key: "k", concurrency: 1, strategy: "skip" });
    const first = await tasks.enqueue({ type: "t", payload: 1, limit_key: "k" });
    expect(first.task.state).toBe("pending");
    await run.until(1);
    await vi.waitFor(async () => expect((await tasks.get(first.task.id))?.state).toBe("complete"));
    const hold = run.hold();
    await tasks.enqueue({ type: "t", payload: 2, limit_key: "k" });
    await run.until(2);
    const skipped = await tasks.enqueue({ type: "t", payload: 3, limit_key: "k" });
    expect(skipped.task.state).toBe("cancelled");
    hold.release();
  });

  it("goes on after a call that failed, whose caller hears of it", async () => {
    const { tasks, faults, run } = await setUp();
    await vi.waitFor(() => expect(run.quiet()).toBe(true));
    faults.fail();
    await expect(tasks.enqueue({ type: "t", payload: 1 })).rejects.toThrow("The connection is lost.");
    faults.work();
    await tasks.enqueue({ type: "t", payload: 2 });
    await run.until(1);
    expect(run.payloads).toEqual([2]);
  });

  async function setUp() {
    const inner = await databases.open(engine);
    const faults = createFaultyDatabase(inner);
    const schema = freshSchema();
    await inner.migrate([tasksMigrations(schema)]);
    const calls: string[] = [];
    const tasks = createTasks({ database: recording(faults.database, calls), schema });
    const payloads: unknown[] = [];
    let gate: Promise<void> = Promise.resolve();
    const worker = tasks.createWorker({
      ...hourly,
      handlers: {
        async t({ payload }) {
          payloads.push(payload);
          await gate;
        },
      },
    });
    await worker.start();
    onTestFinished(() => worker.stop());
    let seen = 0;
    const run = {
      payloads,
      until: (count: number) => vi.waitFor(() => expect(payloads).toHaveLength(count)),
      /** True when it has done nothing since the last time it was asked, and has nothing in hand. */
      quiet() {
        const isQuiet = seen > 0 && calls.length === seen && worker.stats().tasksInHand === 0;
        seen = calls.length;
        return isQuiet;
      },
      hold() {
        const held = Promise.withResolvers<void>();
        gate = held.promise;
        return { release: () => held.resolve() };
      },
    };
    return { tasks, faults, calls, run };
  }
});

/** Notes which functions of the schema are called. */
function recording(inner: Database, calls: string[]): Database {
  const { kysely } = inner;
  const run = kysely.executeQuery.bind(kysely);
  const executeQuery: typeof kysely.executeQuery = (query) => {
    const name = "sql" in query ? /\.(\w+)_1\(/.exec(query.sql.replaceAll('"', ""))?.[1] : undefined;
    const isCarrying = name === "work" && "parameters" in query && query.parameters[12] !== null;
    if (name !== undefined) calls.push(isCarrying ? "carry" : name);
    return run(query);
  };
  return { ...inner, kysely: Object.assign(kysely.withoutPlugins(), { executeQuery }) };
}
