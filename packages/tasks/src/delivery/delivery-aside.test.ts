import type { TestEngine } from "@core/database/testing";
import { testEngines } from "@core/database/testing";
import { delivered } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { WorkerIdentity } from "../lease/lease.ts";
import { registerWorker } from "../lease/worker-row.ts";
import type { SqlRunner } from "../store/sql-runner.ts";
import { kyselyRunner } from "../store/sql-runner.ts";
import type { Store } from "../store/store.ts";
import { passTime } from "../testing/pass-time.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import type { ClaimedDelivery, DeliveryCatch, DeliveryClaim } from "./delivery-claim.ts";
import { claimDeliveries } from "./delivery-claim.ts";
import type { DeliveryEnd } from "./delivery-settlement.ts";
import { settleDeliveries } from "./delivery-settlement.ts";
import { parkAndWake } from "./parking.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const MINUTE = 60_000;

describe.each(testEngines)("what waits for a target in trouble on %s", (engine) => {
  it("is written once, however often the target refuses, and is told of as due when it may be called", async () => {
    const { fixture, claim, refuse, versions } = await setUp(engine);
    await send(fixture, "busy", 20);
    await refuse(await claim({ limit: 1 }));
    expect((await claim()).claimed).toEqual([]);
    const aside = await versions();
    for (let time = 0; time < 3; time += 1) {
      await sql`update ${fixture.store.table("delivery_target")} set until = now()`.execute(fixture.store.db);
      const probe = await claim();
      expect(probe.claimed).toHaveLength(1);
      await refuse(probe);
      expect((await claim()).claimed).toEqual([]);
    }
    // All but the three with which it was tried again.
    expect([...(await versions())].filter((version) => aside.has(version))).toHaveLength(17);
    const { items } = await fixture.tasks.deliveries.list();
    const { rows } = await sql<{
      until: Date;
    }>`select until from ${fixture.store.table("delivery_target")}`.execute(fixture.store.db);
    expect(
      items.filter(({ next_at }) => next_at.getTime() === rows[0]?.until.getTime()).length,
    ).toBeGreaterThanOrEqual(16);
  });

  it("goes on when it has answered, the oldest first, and is forgotten as trouble with the last one", async () => {
    const { fixture, claim, refuse, settle } = await setUp(engine);
    await send(fixture, "busy", 6);
    await refuse(await claim({ limit: 1 }));
    await claim();
    await send(fixture, "busy", 2, 6);
    await passTime(fixture.database, MINUTE, fixture);
    const probe = await claim();
    expect(probe.claimed).toHaveLength(1);
    await settle(probe, "well");
    const order: string[] = probe.claimed.map(({ row }) => row.source_id);
    for (
      let caught = await claim({ share: 3 });
      caught.claimed.length > 0;
      caught = await claim({ share: 3 })
    ) {
      expect(caught.claimed.length).toBeLessThanOrEqual(3);
      order.push(...caught.claimed.map(({ row }) => row.source_id));
      await settle(caught, "well");
    }
    expect(order).toEqual([1, 2, 3, 4, 5, 6, 7, 0].map((n) => `busy ${n}`));
    expect(await troubled(fixture)).toEqual([]);
  });

  it("keeps its place in its line", async () => {
    const { fixture, claim, refuse, settle } = await setUp(engine);
    await send(fixture, "other", 1, 0, "line");
    await settle(await claim(), "well");
    await send(fixture, "busy", 2, 0, "line");
    await send(fixture, "other", 1, 1, "line");
    await refuse(await claim());
    expect((await claim()).claimed).toEqual([]);
    await passTime(fixture.database, MINUTE, fixture);
    const order: string[] = [];
    for (let caught = await claim(); caught.claimed.length > 0; caught = await claim()) {
      order.push(...caught.claimed.map(({ row }) => row.source_id));
      await settle(caught, "well");
    }
    expect(order).toEqual(["busy 0", "busy 1", "other 1"]);
  });

  it("is parked when nobody can send it any more, and is woken as any other", async () => {
    const { fixture, claim, refuse, worker } = await setUp(engine);
    await send(fixture, "busy", 3);
    await refuse(await claim({ limit: 1 }));
    await claim();
    const { store, dispatchers } = fixture;
    await sql`update ${store.table("worker")} set dispatch_types = '{}' where id = ${worker.id}`.execute(
      store.db,
    );
    await parkAndWake(store, dispatchers);
    expect((await fixture.tasks.deliveries.list()).items.map(({ state }) => state)).toEqual(
      Array.from({ length: 3 }, () => "parked"),
    );
    await sql`update ${store.table("worker")} set dispatch_types = '{chat}' where id = ${worker.id}`.execute(
      store.db,
    );
    expect(await parkAndWake(store, dispatchers)).toBe(3);
  });

  it("makes room for others when all its target's places hang, and goes on when they are free", async () => {
    const { fixture, claim, settle } = await setUp(engine);
    await send(fixture, "slow", 30);
    await send(fixture, "good", 5);
    const hanging = await claim({ share: 4 });
    const [first] = hanging.claimed;
    if (first === undefined) throw new Error("Nothing was claimed.");
    const key = first.row.target_key;
    const goods = hanging.claimed.filter(({ row }) => row.target_key !== key);
    await settle({ ...hanging, claimed: goods }, "well");
    const beside = await claim({ share: 4, rooms: { [key]: 0 }, stuck: [key] });
    expect(beside.claimed.map(({ row }) => row.target_key)).not.toContain(key);
    expect(beside.hasMore).toBe(true);
    expect(await asideOf(fixture)).toBe(26);
    expect((await claim({ share: 4, rooms: { [key]: 3 } })).claimed).toHaveLength(3);
  });
});

it("a target is not forgotten by one worker while another one sets aside what waits for it", async () => {
  const { fixture, claim, settle, refuse, worker } = await setUp("postgres");
  await send(fixture, "busy", 1);
  await refuse(await claim());
  await passTime(fixture.database, MINUTE, fixture);
  const probe = await claim();
  await send(fixture, "busy", 3, 1);
  const { store } = fixture;
  const begin = Promise.withResolvers<void>();
  const settled = begin.promise.then(() => settle(probe, "well"));
  await store.transaction(async (trx) => {
    const asides = await claimDeliveries({ ...store, run: kyselyRunner(trx) }, claimOf(worker));
    expect(asides.claimed).toEqual([]);
    begin.resolve();
    await vi.waitFor(async () => expect(await waitersSeenBy(kyselyRunner(trx))).not.toEqual([]));
  });
  await settled;
  expect((await claim()).claimed).toHaveLength(3);
});

describe("a claim while many wait for targets that nobody may call or that are stuck", () => {
  const WAITING = 3_000;
  it("reads few of them, by index, though the planner thinks that the table is empty", async () => {
    const { fixture, claim, refuse, worker } = await setUp("postgres");
    const { store } = fixture;
    await sql`vacuum analyze ${store.table("delivery")}`.execute(store.db);
    await send(fixture, "busy", 1);
    await refuse(await claim());
    const rooms = (n: number): readonly string[] => (n < WAITING - 200 ? ["busy", "slow"] : ["a", "b"]);
    for (let n = 0; n < WAITING; n += 2) {
      const targets = rooms(n).map((room) => ({ dispatch_type: "chat", target: { room } }));
      const event = { kind: "message", source_id: `m${n}`, payload: { text: "hi" } } as const;
      await fixture.tasks.deliveries.sendMany(event, targets);
    }
    const [slow = ""] = await keysOf(fixture, "slow");
    const stuck = { rooms: { [slow]: 0 }, stuck: [slow], share: 10, limit: 20 };
    const sizes: number[] = [];
    for (let round = 0; round < 3; round += 1) sizes.push((await claim(stuck)).claimed.length);
    expect(sizes).toEqual([0, 0, 20]);
    await store.transaction(async (trx) => {
      const run = kyselyRunner(trx);
      const before = await readsOf(run, store);
      const { claimed } = await claimDeliveries({ ...store, run }, { ...claimOf(worker), ...stuck });
      const after = await readsOf(run, store);
      expect(claimed).toHaveLength(20);
      expect(after.scans - before.scans).toBe(0);
      expect(after.fetched - before.fetched).toBeLessThan(WAITING / 5);
    });
  });
});

interface Rig {
  readonly fixture: TasksFixture;
  readonly worker: WorkerIdentity;
  claim(options?: Partial<DeliveryClaim>): Promise<DeliveryCatch>;
  settle(caught: DeliveryCatch, health: "well" | "ill", more?: DeliveryEnd["more"]): Promise<void>;
  /** The target asks for a minute. */
  refuse(caught: DeliveryCatch): Promise<void>;
  /** Of all rows, as they were written last. */
  versions(): Promise<ReadonlySet<string>>;
}

async function setUp(engine: TestEngine): Promise<Rig> {
  const fixture = await fixtures.open(engine);
  const { store, dispatchers } = fixture;
  dispatchers.register(
    "chat",
    recordingDispatcher(() => delivered()),
    { owner: "test" },
  );
  const worker = await registerWorker(store, "w", {
    taskTypes: [],
    dispatchTypes: ["chat"],
    deadAfterMs: 600_000,
  });
  const settle: Rig["settle"] = async ({ claimed }, health, more) => {
    await settleDeliveries(
      store,
      worker,
      claimed.map((one) => endOf(one, health, more)),
    );
  };
  return {
    fixture,
    worker,
    settle,
    claim: (options) => claimDeliveries(store, { ...claimOf(worker), ...options }),
    refuse: (caught) => settle(caught, "ill", { delay_ms: MINUTE, hold_ms: MINUTE }),
    async versions() {
      const { rows } = await sql<{ version: string }>`select xmin::text || ctid::text as version
        from ${store.table("delivery")}`.execute(store.db);
      return new Set(rows.map(({ version }) => version));
    },
  };
}

function claimOf(worker: WorkerIdentity): DeliveryClaim {
  return { worker, types: ["chat"], limit: 100, tidy: true };
}

function endOf({ row }: ClaimedDelivery, health: "well" | "ill", more: DeliveryEnd["more"]): DeliveryEnd {
  const state = health === "well" ? "delivered" : "pending";
  return { id: row.id, fence: row.fence, state, health, ...(more && { more }) };
}

async function send(
  { tasks }: TasksFixture,
  room: string,
  count: number,
  from = 0,
  order: string | null = null,
): Promise<void> {
  for (let n = from; n < from + count; n += 1) {
    const source = { kind: "message", source_id: `${room} ${n}`, payload: { text: "hi" } } as const;
    await tasks.deliveries.send({
      ...source,
      dispatch_type: "chat",
      target: { room },
      ...(order && { order }),
    });
  }
}

async function troubled({ store }: TasksFixture): Promise<readonly string[]> {
  const rows = await store.db.selectFrom("delivery_target").select("target_key").execute();
  return rows.map(({ target_key: key }) => key);
}

async function asideOf({ store }: TasksFixture): Promise<number> {
  return (await store.db.selectFrom("delivery").select("id").where("set_aside", "=", true).execute()).length;
}

async function keysOf({ store }: TasksFixture, room: string): Promise<readonly string[]> {
  const rows = await store.db
    .selectFrom("delivery")
    .select("target_key")
    .distinct()
    .where(sql<boolean>`target->>'room' = ${room}`)
    .execute();
  return rows.map(({ target_key: key }) => key);
}

async function waitersSeenBy(run: SqlRunner): Promise<readonly unknown[]> {
  return run("select pid from pg_locks where not granted and pid <> pg_backend_pid()", []);
}

interface Reads {
  readonly scans: number;
  readonly fetched: number;
}

async function readsOf(run: SqlRunner, { schema }: Store): Promise<Reads> {
  const text = `select seq_scan::int as scans, idx_tup_fetch::int as fetched
    from pg_stat_xact_user_tables where schemaname = $1 and relname = 'delivery'`;
  const [reads] = await run<Reads>(text, [schema]);
  return reads ?? { scans: 0, fetched: 0 };
}
