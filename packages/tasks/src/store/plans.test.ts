import type { Database } from "@core/database";
import { openDatabase } from "@core/database";
import { createPostgresDatabase } from "@core/database/testing";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTasks } from "../create-tasks.ts";
import type { Tasks } from "../tasks.ts";
import { orphansQuery } from "../worker/recovery.ts";
import { leasesQuery } from "../worker/lease-check.ts";
import { DEFAULT_SCHEMA, tasksMigrations } from "./migrations.ts";
import { createStore } from "./store.ts";

const ROWS = 3_000;

/** What the planner knows when the statements run over thousands of rows. */
const regimes: Readonly<Record<string, (rig: Rig) => Promise<void>>> = {
  "never analysed": (rig) => rig.fill(),
  "analysed while empty": async (rig) => {
    await rig.analyse();
    await rig.fill();
  },
  "analysed while full": async (rig) => {
    await rig.fill();
    await rig.analyse();
  },
  "analysed when all was done": async (rig) => {
    await rig.fill();
    await rig.drain();
    await rig.analyse();
    await rig.fill();
  },
};

describe.each(Object.entries(regimes))("with tables %s", (_name, prepare) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await setUp();
    await prepare(rig);
  });
  afterAll(() => rig.close());

  it("claiming, noting, ending, waking, retrying and enqueuing never read a whole table", async () => {
    const { client, plans } = rig;
    await client.query("select tasks.enqueue_1($1::text::json, null)", [
      taskJson("planned", { delay_ms: 0.001 }),
    ]);
    const claimed = await client.query(work({ limit: 500, wake: true }), [null]);
    const rows = claimed.rows.slice(1) as { id: string; fence: string; lane: string | null }[];
    expect(rows).toHaveLength(500);
    const notes = rows.map(({ id, fence }) => ({ id, fence, progress: { fraction: 1 }, log: [{ n: 1 }] }));
    await client.query("select tasks.note_1('w', 1, $1::text::json)", [JSON.stringify(notes)]);
    const ends = rows.map(({ id, fence }, n) => ({ id, fence, ...endings[n % endings.length] }));
    const families = rows.slice(0, 5).map(({ id }) => id);
    await client.query(work({ limit: 0, lanes: ["l1", "l2"], families }), [JSON.stringify(ends)]);
    await client.query("select * from tasks.family_1($1::text::json)", [
      JSON.stringify([{ id: families[0], lane: "l1", parent: families[1] }]),
    ]);
    await client.query("select tasks.heal_families_1()");
    await client.query("select tasks.cancel_1(id) from tasks.task where id = $1", [rows[0]?.id]);
    await client.query("select * from tasks.retry_tasks_1(array[$1::uuid])", [rows[2]?.id]);
    await client.query("select * from tasks.enqueue_keyed_1($1::text::json)", [
      taskJson("keyed", { idempotency_key: "k", dedupe_key: "d", on_conflict: "skip" }),
    ]);
    expect(plans.length).toBeGreaterThan(20);
    expect(plans.filter(readsWholeTable)).toEqual([]);
  });

  it("nor do the stats, nor a batch of what is removed", async () => {
    const { client, plans } = rig;
    const ids = await client.query("select array(select id from tasks.task limit 1000) as ids");
    plans.length = 0;
    for (const name of ["queue_depth_1()", "ended_since_1(60000)", "delivery_depth_1()", "worker_load_1()"]) {
      await client.query(`select * from tasks.${name}`);
    }
    await client.query("select tasks.remove_ended_1($1, true)", [ids.rows[0]?.ids]);
    expect(plans.length).toBeGreaterThan(10);
    expect(
      plans.filter((plan) => /Seq Scan on (task|task_body|body|delivery|task_dedupe)\b/.test(plan)),
    ).toEqual([]);
  });

  it("nor does what sends deliveries, and their ends are found by id", async () => {
    const { client, plans } = rig;
    const targets = Array.from({ length: 50 }, (_, n) => ({
      dispatch_type: "chat",
      target: { n },
      strict: false,
    }));
    await rig.tasks.deliveries.sendMany(
      { kind: "message", source_id: crypto.randomUUID(), payload: { text: "hi" } },
      targets,
    );
    await client.query(
      "update tasks.delivery set state = 'pending', park_reason = null where state = 'parked'",
    );
    plans.length = 0;
    const claimed = await client.query(
      "select * from tasks.claim_deliveries_1('w', 1, '{chat}', 50, 50, '{}', '{}', true, 1000)",
    );
    const ends = (claimed.rows.slice(1) as { id: string; fence: string }[]).map(({ id, fence }) => ({
      id,
      fence,
      state: "delivered",
      health: "well",
    }));
    expect(ends).toHaveLength(50);
    await client.query("select * from tasks.settle_deliveries_1('w', 1, $1::text::json)", [
      JSON.stringify(ends),
    ]);
    expect(plans.filter(readsWholeTable)).toEqual([]);
    const settling = plans.filter((plan) => plan.includes("with given as"));
    expect(settling.join()).toContain("Index Scan using delivery_pkey");
  });

  it("nor does looking for what dead workers held, or for the leases of one", async () => {
    const { database } = rig;
    const store = createStore(database, DEFAULT_SCHEMA);
    for (const query of [orphansQuery(store), leasesQuery(store, { id: "w", epoch: 1 })]) {
      const { rows } = await sql<{ "QUERY PLAN": string }>`explain ${query}`.execute(store.db);
      const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
      expect(readsWholeTable(plan) ? plan : "").toBe("");
    }
  });
});

const endings = [
  { state: "complete", content: { ok: true } },
  { state: "pending", more: { delay_ms: 5, notes: { log: [{ n: 2 }] } } },
  { state: "failed", more: { failure_code: "exhausted", error: { code: "x" } } },
  { state: "waiting", more: { uncounted: 1 } },
];

function readsWholeTable(plan: string): boolean {
  return /Seq Scan on (task|task_body|body|delivery)\b/.test(plan);
}

interface Rig {
  readonly database: Database;
  readonly tasks: Tasks;
  readonly client: pg.Client;
  /** Of every statement that the client has run, within functions too. */
  readonly plans: string[];
  fill(): Promise<void>;
  drain(): Promise<void>;
  analyse(): Promise<void>;
  close(): Promise<void>;
}

async function setUp(): Promise<Rig> {
  const own = await createPostgresDatabase();
  const database = await openDatabase({ url: own.url });
  await database.migrate([tasksMigrations()]);
  for (const table of ["task", "task_body", "body", "delivery"]) {
    await sql`alter table ${sql.id(DEFAULT_SCHEMA, table)} set (autovacuum_enabled = false)`.execute(
      database.kysely,
    );
  }
  await sql`insert into tasks.worker (id, epoch, boot_id, alive_until, task_types, dispatch_types, host, pid)
    values ('w', 1, 'b', now() + interval '1 hour', '{}', '{}', 'h', 1)`.execute(database.kysely);
  const tasks = createTasks({ database });
  const client = new pg.Client({ connectionString: own.url });
  await client.connect();
  const plans = await explainAll(client);
  return {
    database,
    tasks,
    client,
    plans,
    fill: () => fill(tasks),
    drain: () => drain(tasks),
    analyse: async () => void (await client.query("analyze")),
    async close() {
      await client.end();
      await database.close();
      await own.drop();
    },
  };
}

async function explainAll(client: pg.Client): Promise<string[]> {
  await client.query(`load 'auto_explain'`);
  await client.query(`set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
    set client_min_messages = log`);
  const plans: string[] = [];
  client.on("notice", ({ message }) => plans.push(message ?? ""));
  return plans;
}

async function fill(tasks: Tasks): Promise<void> {
  const inputs = Array.from({ length: ROWS }, (_, n) => ({
    type: "t",
    payload: { n },
    ...(n % 10 === 0 && { lane: `l${n % 70}` }),
  }));
  await tasks.enqueueMany(inputs);
}

async function drain(tasks: Tasks): Promise<void> {
  const worker = tasks.createWorker({ handlers: { t: async () => ({ ok: true }) } });
  await worker.runUntilIdle();
  await worker.stop();
}

function taskJson(type: string, more: Record<string, unknown>): string {
  const id = crypto.randomUUID();
  const rest = {
    dispatch_type: "none",
    priority: 0,
    max_attempts: 1,
    max_run_seconds: 1,
  };
  return JSON.stringify([{ place: 0, id, type, queue: "default", reason: "api", ...rest, ...more }]);
}

function work(options: {
  limit: number;
  lanes?: readonly string[];
  families?: readonly string[];
  wake?: boolean;
}): string {
  const array = (names: readonly string[] | undefined): string =>
    names === undefined ? "null" : `'{${names.join(",")}}'`;
  return `select * from tasks.work_1('w', 1, $1::text::json, ${array(options.lanes)}, null, '{default}', '{t}',
    ${options.limit}, '{}', '{}', ${options.wake ?? false}, null, null, ${array(options.families)})`;
}
