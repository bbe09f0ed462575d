import { testEngines } from "@core/database/testing";
import type { Reconciliation } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { claimDeliveries } from "./delivery-claim.ts";
import { openDelivery, storeOpenPart } from "./open-delivery.ts";
import type { WorkerIdentity } from "../lease/lease.ts";
import { registerWorker } from "../lease/worker-row.ts";
import { claimTasks, completeTask, failTask } from "../testing/leases.ts";
import { silence } from "../testing/silence.ts";
import { passTime } from "../testing/pass-time.ts";
import type { RecordingDispatcher, TasksFixture } from "../testing/tasks-fixture.ts";
import { recoveryDeps } from "../testing/recovery-deps.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import { failureOf } from "../task/task-failure.ts";
import { recoverOrphans } from "../worker/recovery.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const advert = { taskTypes: ["t"], dispatchTypes: ["chat"], deadAfterMs: 15_000 };
const parts = [{ index: 0, external_id: "m0" }];
const TRACE = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

describe.each(testEngines)("a delivery whose stream is open on %s", (engine) => {
  it("is taken over by the end of its task, with what was sent", async () => {
    const rig = await setUp(engine);
    const { tasks, store } = rig.fixture;
    const open = await openDelivery(store, rig.fixture.dispatchers, rig.claimed);
    await storeOpenPart(store, rig.claimed.lease, open?.id ?? "", { index: 0, external_id: "m0" });
    expect(await tasks.deliveries.get(open?.id ?? "")).toMatchObject({ state: "open", sent_parts: parts });
    await completeTask(rig.deps, rig.claimed, "done");
    await deliverAll(rig.fixture);
    expect(rig.recorder.deliveries).toMatchObject([
      { id: open?.id, sent_parts: parts, payload: { result: { text: "done" } } },
    ]);
    expect((await tasks.get(rig.claimed.task.id))?.deliveries).toMatchObject([
      { id: open?.id, state: "delivered" },
    ]);
  });

  it("is traced like any other", async () => {
    const { fixture, claimed } = await setUp(engine);
    await openDelivery(fixture.store, fixture.dispatchers, claimed);
    const { rows } = await sql<{ trace: unknown }>`
      select trace_context as trace from ${fixture.store.table("delivery")}`.execute(fixture.store.db);
    expect(rows).toEqual([{ trace: TRACE }]);
  });

  it("keeps its line until then", async () => {
    const rig = await setUp(engine);
    const { tasks, store, dispatchers } = rig.fixture;
    await openDelivery(store, dispatchers, rig.claimed);
    const message = { kind: "message", source_id: "m", payload: { text: "later" } } as const;
    await tasks.deliveries.send({ ...message, dispatch_type: "chat", target: {} });
    const claim = { worker: rig.worker, types: ["chat"], limit: 10 };
    expect((await claimDeliveries(store, claim)).claimed).toEqual([]);
    await completeTask(rig.deps, rig.claimed, "done");
    await deliverAll(rig.fixture);
    expect(rig.recorder.deliveries.map(({ kind }) => kind)).toEqual(["task_result", "message"]);
  });

  it("goes on in the next run after a crash, with what was noted", async () => {
    const rig = await setUp(engine);
    const { store, dispatchers } = rig.fixture;
    const open = await openDelivery(store, dispatchers, rig.claimed);
    await storeOpenPart(store, rig.claimed.lease, open?.id ?? "", { index: 0, external_id: "m0" });
    await silence(rig.fixture, "w");
    const worker = await registerWorker(store, "second", advert);
    await recoverOrphans(recoveryDeps(rig.fixture), worker);
    const second = await claimOne(rig.fixture, worker);
    expect(await openDelivery(store, dispatchers, second)).toEqual({
      id: open?.id,
      sent_parts: parts,
      uncertain: true,
    });
    await completeTask(rig.deps, second, "done");
    await deliverAll(rig.fixture);
    expect(rig.asked).toEqual([]);
    expect(rig.recorder.deliveries).toMatchObject([{ attempt: 1, sent_parts: parts }]);
  });

  it("is skipped when its task fails, and the error is a delivery of its own", async () => {
    const rig = await setUp(engine);
    const { tasks, store, dispatchers } = rig.fixture;
    const open = await openDelivery(store, dispatchers, rig.claimed);
    await failTask(rig.deps, rig.claimed, { ...failureOf(new Error("no"), "any"), retry: false });
    await deliverAll(rig.fixture);
    expect(await tasks.deliveries.get(open?.id ?? "")).toMatchObject({
      state: "skipped",
      skip_reason: expect.stringContaining("without a result"),
    });
    expect(rig.recorder.deliveries).toMatchObject([{ kind: "task_error" }]);
    expect(await tasks.deliveries.prune({ olderThanMs: 0 })).toBe(2);
  });

  it("is skipped when its task is cancelled before it runs again", async () => {
    const rig = await setUp(engine);
    const { tasks, store, dispatchers } = rig.fixture;
    const open = await openDelivery(store, dispatchers, rig.claimed);
    await failTask(rig.deps, rig.claimed, { ...failureOf(new Error("no"), "any"), retry: true });
    expect(await tasks.deliveries.get(open?.id ?? "")).toMatchObject({ state: "open" });
    expect(await tasks.cancel(rig.claimed.task.id)).toBe("cancelled");
    expect(await tasks.deliveries.get(open?.id ?? "")).toMatchObject({ state: "skipped" });
  });

  it("takes nothing from a run that has lost its lease", async () => {
    const rig = await setUp(engine);
    const { store, dispatchers, count } = rig.fixture;
    const { claimed } = rig;
    const late = { ...claimed, lease: { ...claimed.lease, fence: claimed.lease.fence - 1 } };
    await expect(openDelivery(store, dispatchers, late)).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(await count("delivery")).toBe(0);
    const open = await openDelivery(store, dispatchers, claimed);
    const part = storeOpenPart(store, late.lease, open?.id ?? "", { index: 0 });
    await expect(part).rejects.toMatchObject({ code: "LEASE_LOST" });
  });
});

interface Rig {
  readonly fixture: TasksFixture;
  readonly recorder: RecordingDispatcher;
  /** The deliveries that the receiver was asked about. */
  readonly asked: string[];
  readonly worker: WorkerIdentity;
  readonly claimed: ClaimedTask;
  readonly deps: {
    readonly store: TasksFixture["store"];
    readonly dispatchers: TasksFixture["dispatchers"];
    readonly random: () => number;
  };
}

/** A task that runs and delivers to a chat where one part more has arrived than anybody knows. */
async function setUp(engine: (typeof testEngines)[number]): Promise<Rig> {
  const fixture = await fixtures.open(engine);
  const { store, dispatchers } = fixture;
  const asked: string[] = [];
  const recorder = recordingDispatcher(undefined, {
    orderKey: () => "room",
    async reconcile({ id }): Promise<Reconciliation> {
      asked.push(id);
      return { status: "partly_sent", parts: [{ index: 0 }, { index: 1 }] };
    },
  });
  dispatchers.register("chat", recorder, { owner: "test" });
  const worker = await registerWorker(store, "w", advert);
  await fixture.tasks.enqueue({ type: "t", dispatch_type: "chat", trace_context: TRACE });
  const claimed = await claimOne(fixture, worker);
  return { fixture, recorder, asked, worker, claimed, deps: { store, dispatchers, random: () => 0 } };
}

async function claimOne({ store }: TasksFixture, worker: WorkerIdentity): Promise<ClaimedTask> {
  await sql`update ${store.table("task")} set run_at = now() where state = 'pending'`.execute(store.db);
  const [claimed] = await claimTasks(store, { worker, queues: ["default"], types: ["t"], limit: 1 });
  if (claimed === undefined) throw new Error("nothing claimed");
  return claimed;
}

async function deliverAll({ tasks, database, schema }: TasksFixture): Promise<void> {
  await passTime(database, 60_000, { schema });
  const worker = tasks.createWorker({ handlers: {} });
  await worker.runUntilIdle();
  await worker.stop();
}
