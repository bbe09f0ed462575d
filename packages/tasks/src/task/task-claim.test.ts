import { testEngines } from "@core/database/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { claimTasks, completeTask } from "../testing/leases.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import { registerWorker } from "../lease/worker-row.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const advert = { taskTypes: ["t"], dispatchTypes: [], deadAfterMs: 15_000 };
const any = { queues: ["default"], types: ["t"], limit: 10 };

describe.each(testEngines)("claims of tasks on %s", (engine) => {
  it("leave a lane alone while a later task of it runs, when an earlier one that was planned becomes due", async () => {
    const { tasks, store, dispatchers, makeDue } = await fixtures.open(engine);
    const inAnHour = new Date(Date.now() + 3_600_000);
    const planned = await tasks.enqueue({ type: "t", lane: "l", scheduled_at: inAnHour });
    const prompt = await tasks.enqueue({ type: "t", lane: "l" });
    const worker = await registerWorker(store, "w", advert);
    const [running] = await claimTasks(store, { worker, ...any });
    expect(running?.task.id).toBe(prompt.task.id);
    await makeDue();
    expect(await claimTasks(store, { worker, ...any })).toEqual([]);
    if (running === undefined) throw new Error("nothing claimed");
    await completeTask({ store, dispatchers, random: () => 0 }, running, "done");
    const [next] = await claimTasks(store, { worker, ...any });
    expect(next?.task.id).toBe(planned.task.id);
  });

  it("cannot put two tasks of one lane under way, even where two claims race", async () => {
    const { tasks, store } = await fixtures.open(engine);
    await tasks.enqueue({ type: "t", lane: "l" });
    await tasks.enqueue({ type: "t", lane: "l" });
    const both = sql`update ${store.table("task")} set state = 'running', worker_id = 'w'`.execute(store.db);
    await expect(both).rejects.toMatchObject({ code: "23505" });
  });

  it("give nothing to a worker that counts as dead or whose name was taken over", async () => {
    const { tasks, store } = await fixtures.open(engine);
    await tasks.enqueue({ type: "t" });
    const silent = await registerWorker(store, "silent", { ...advert, deadAfterMs: 0 });
    expect(await claimTasks(store, { worker: silent, ...any })).toEqual([]);
    const former = await registerWorker(store, "w", advert);
    const present = await registerWorker(store, "w", advert);
    expect(await claimTasks(store, { worker: former, ...any })).toEqual([]);
    expect(await claimTasks(store, { worker: present, ...any })).toHaveLength(1);
  });
});
