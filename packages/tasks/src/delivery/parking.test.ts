import { testEngines } from "@core/database/testing";
import type { Dispatcher } from "@core/registry";
import { createDispatcherRegistry } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { parkAndWake } from "./parking.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures, recordingDispatcher } from "../testing/tasks-fixture.ts";
import { registerWorker } from "../lease/worker-row.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const fail = (): never => {
  throw new Error("broken");
};
const throwingSchema: NonNullable<Dispatcher["target"]> = {
  "~standard": { version: 1, vendor: "test", validate: fail },
};

describe.each(testEngines)("waking on %s", (engine) => {
  it("leaves a misconfigured delivery alone, though its target was never read", async () => {
    const fixture = await fixtures.open(engine);
    const { tasks, store } = fixture;
    await parkUnread(fixture);
    await sql`update ${store.table("delivery")} set park_reason = 'misconfigured'`.execute(store.db);
    const dispatchers = createDispatcherRegistry();
    dispatchers.register("late", recordingDispatcher(), { owner: "test" });
    await registerWorker(store, "w", { taskTypes: [], dispatchTypes: ["late"], deadAfterMs: 15_000 });
    await parkAndWake(store, dispatchers);
    expect((await tasks.deliveries.list()).items).toMatchObject([
      { state: "parked", park_reason: "misconfigured" },
    ]);
  });

  it.each([
    ["a schema", { target: throwingSchema }, []],
    ["an order key", { orderKey: fail }, [{ code: "order_key_failed" }]],
  ])("goes on when %s throws", async (_what, broken: Partial<Dispatcher>, failures) => {
    const fixture = await fixtures.open(engine);
    const { tasks, store } = fixture;
    await parkUnread(fixture);
    const dispatchers = createDispatcherRegistry();
    dispatchers.register("late", { ...recordingDispatcher(), ...broken }, { owner: "test" });
    await registerWorker(store, "w", { taskTypes: [], dispatchTypes: ["late"], deadAfterMs: 15_000 });
    await parkAndWake(store, dispatchers);
    expect((await tasks.deliveries.list()).items).toMatchObject([{ state: "pending", failures }]);
  });
});

/** Makes a delivery of the type `late`, which nobody knows. */
async function parkUnread({ tasks }: TasksFixture): Promise<void> {
  await tasks.enqueue({ type: "t", dispatch_type: "late", strict: false });
  const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
  await worker.runUntilIdle();
  await worker.stop();
}
