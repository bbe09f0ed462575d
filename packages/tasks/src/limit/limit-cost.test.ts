import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { registerWorker } from "../lease/worker-row.ts";
import type { PgClient, SqlRunner } from "../store/sql-runner.ts";
import { kyselyRunner } from "../store/sql-runner.ts";
import type { Store } from "../store/store.ts";
import { exchange } from "../task/exchange.ts";
import type { TaskInput } from "../task/task.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const WAITING = 3_000;

describe("a claim while many wait whose limits are full", () => {
  it.each([
    ["was never looked at", async (): Promise<void> => {}],
    ["was empty", analyze],
  ])(
    "reads few of them, by index, though the planner thinks that the table %s",
    async (_what, tellPlanner) => {
      const fixture = await fixtures.open("postgres");
      const { tasks, store } = fixture;
      await tellPlanner(fixture);
      const worker = await registerWorker(store, "w", {
        taskTypes: [],
        dispatchTypes: [],
        deadAfterMs: 60_000,
      });
      await tasks.limits.set({ type: "a", concurrency: 1 });
      await tasks.limits.set({ type: "c", concurrency: 1, strategy: "skip" });
      await tasks.enqueueMany(Array.from({ length: WAITING }, (_, n) => inputOf(n)));
      const claim = { queues: ["default"], types: ["a", "b"], limit: 5 };
      expect((await exchange(store, { worker, claim })).claimed).toHaveLength(5);

      await store.transaction(async (trx) => {
        const run = kyselyRunner(trx);
        const before = await readsOf(run, store);
        const { claimed } = await exchange({ ...store, run }, { worker, claim });
        const receipts = await tasks.enqueueMany([{ type: "c" }, { type: "c" }], { client: clientOf(run) });
        const after = await readsOf(run, store);
        expect(claimed.map(({ task }) => task.type)).toEqual(["b", "b", "b", "b", "b"]);
        expect(receipts.map(({ task }) => task.state)).toEqual(["pending", "cancelled"]);
        expect(after.scans - before.scans).toBe(0);
        expect(after.fetched - before.fetched).toBeLessThan(WAITING / 5);
      });
    },
  );
});

/** What this transaction has read of the table of tasks, and others before it that were not reported yet. */
async function readsOf(run: SqlRunner, { schema }: Store): Promise<Reads> {
  const text = `select seq_scan::int as scans, idx_tup_fetch::int as fetched
    from pg_stat_xact_user_tables where schemaname = $1 and relname = 'task'`;
  const [reads] = await run<Reads>(text, [schema]);
  return reads ?? { scans: 0, fetched: 0 };
}

interface Reads {
  readonly scans: number;
  readonly fetched: number;
}

function clientOf(run: SqlRunner): PgClient {
  return { query: async (text, values) => ({ rows: [...(await run(text, values))] }) };
}

/** Behind many of a full type, some of another one, of a few keys. */
function inputOf(n: number): TaskInput {
  return n < WAITING - 200 ? { type: "a" } : { type: "b", limit_key: `k${n % 10}` };
}

async function analyze({ store }: TasksFixture): Promise<void> {
  await sql`vacuum analyze ${store.table("task")}`.execute(store.db);
}
