import { silentLogger } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { createManualClock } from "@core/testing";
import type { ManualClock } from "@core/testing";
import type { Liveness } from "./liveness.ts";
import { createLiveness } from "./liveness.ts";
import { createSlots } from "./slots.ts";
import { taskTypeSettings } from "../task/task-type.ts";
import { createStore } from "../store/store.ts";
import { claimTasks } from "../testing/leases.ts";
import type { FaultyDatabase } from "../testing/faulty-database.ts";
import { createFaultyDatabase } from "../testing/faulty-database.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

interface Rig {
  readonly fixture: TasksFixture;
  readonly clock: ManualClock;
  readonly faulty: FaultyDatabase;
  readonly liveness: Liveness;
  /** Reasons by which the one piece of work in hand was aborted. */
  readonly aborts: unknown[];
  /** Lets one heartbeat happen and waits until the next one is planned. */
  beat(): Promise<void>;
}

async function setUp(): Promise<Rig> {
  const fixture = await fixtures.open("pglite");
  const clock = createManualClock(0);
  const faulty = createFaultyDatabase(fixture.database);
  const tasks = createSlots(8, () => {});
  const aborts: unknown[] = [];
  const liveness = createLiveness({
    id: "w",
    store: createStore(faulty.database, fixture.schema),
    dispatchers: fixture.dispatchers,
    clock,
    random: () => 0,
    onSettled: () => undefined,
    onRecovered: () => undefined,
    storeNotes: async () => undefined,
    logger: silentLogger,
    types: ["t"],
    heartbeatMs: 5_000,
    deadAfterMs: 15_000,
    tasks,
    settingsOf: taskTypeSettings,
    tasksOfEnds: { withFollowUps: null },
    deliverySlots: createSlots(8, () => {}),
  });
  await fixture.tasks.enqueue({ type: "t" });
  await liveness.begin();
  const claim = { worker: liveness.identity(), queues: ["default"], types: ["t"], limit: 1 };
  const [claimed] = await claimTasks(fixture.store, claim);
  if (claimed === undefined) throw new Error("nothing claimed");
  tasks.start(claimed.lease, (signal) => {
    signal.addEventListener("abort", () => aborts.push(signal.reason));
    return new Promise(() => {});
  });
  const beat = async (): Promise<void> => {
    await clock.elapse(5_000);
    await expect.poll(() => clock.pending()).toBe(1);
  };
  return { fixture, clock, faulty, liveness, aborts, beat };
}

describe("liveness", () => {
  it("lets work go on while heartbeats arrive", async () => {
    const { aborts, beat, liveness } = await setUp();
    for (let n = 0; n < 5; n += 1) await beat();
    expect(aborts).toEqual([]);
    await liveness.end();
  });

  it("lets work go on over failed heartbeats until it counts as dead, then aborts it", async () => {
    const { aborts, beat, faulty, liveness } = await setUp();
    await beat();
    faulty.fail();
    await beat();
    await beat();
    expect(aborts).toEqual([]);
    await beat();
    expect(aborts).toMatchObject([{ code: "LEASE_LOST" }]);
    faulty.work();
    await liveness.end();
  });

  it("aborts work when a heartbeat hangs until it counts as dead", async () => {
    const { aborts, beat, clock, faulty, liveness } = await setUp();
    await beat();
    faulty.hang();
    await clock.elapse(14_999);
    expect(aborts).toEqual([]);
    await clock.elapse(1);
    expect(aborts).toMatchObject([{ code: "LEASE_LOST" }]);
    faulty.work();
    await liveness.end();
  });

  it("aborts work whose row belongs to somebody else", async () => {
    const { aborts, beat, fixture, liveness } = await setUp();
    await sql`update ${fixture.store.table("task")} set fence = fence + 1`.execute(fixture.store.db);
    await beat();
    expect(aborts).toMatchObject([{ code: "LEASE_LOST" }]);
    await liveness.end();
  });

  it("gives a row back whose claim never reached it, at the second heartbeat that sees it", async () => {
    const { beat, fixture, liveness } = await setUp();
    const { task } = await fixture.tasks.enqueue({ type: "t" });
    await claimTasks(fixture.store, {
      worker: liveness.identity(),
      queues: ["default"],
      types: ["t"],
      limit: 1,
    });
    await beat();
    expect(await fixture.tasks.get(task.id)).toMatchObject({ state: "running", attempt: 1 });
    await beat();
    expect(await fixture.tasks.get(task.id)).toMatchObject({ state: "pending", attempt: 0 });
    await liveness.end();
  });

  it("ends quietly when the database is gone", async () => {
    const { faulty, clock, liveness } = await setUp();
    faulty.fail();
    await expect(liveness.end()).resolves.toBeUndefined();
    expect(clock.pending()).toBe(0);
  });

  it("begun while it ends, beats no more and is gone when the end is", async () => {
    const { store, dispatchers, database, schema } = await fixtures.open("pglite");
    const clock = createManualClock(0);
    const slots = createSlots(1, () => {});
    const liveness = createLiveness({
      id: "w",
      store: createStore(database, schema),
      dispatchers,
      clock,
      random: () => 0,
      onSettled: () => undefined,
      onRecovered: () => undefined,
      storeNotes: async () => undefined,
      logger: silentLogger,
      types: [],
      heartbeatMs: 5_000,
      deadAfterMs: 15_000,
      tasks: slots,
      settingsOf: taskTypeSettings,
      tasksOfEnds: { withFollowUps: null },
      deliverySlots: slots,
    });
    const beginning = liveness.begin();
    await liveness.end();
    await beginning;
    expect(clock.pending()).toBe(0);
    const { rows } = await sql<{ alive: boolean }>`
      select alive_until > clock_timestamp() as alive from ${store.table("worker")}`.execute(store.db);
    expect(rows).toEqual([{ alive: false }]);
  });
});
