import { testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { registerWorker } from "../lease/worker-row.ts";
import type { TaskInput } from "../task/task.ts";
import { claimTasks } from "../testing/leases.ts";
import type { TasksFixture } from "../testing/tasks-fixture.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import type { LimitTarget } from "./limit.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const targets: readonly LimitTarget[] = [{ type: "a" }, { queue: "slow" }, { key: "k" }];
const advert = { taskTypes: ["a", "b"], dispatchTypes: [], deadAfterMs: 60_000 };

describe.each(testEngines)("a pause on %s", (engine) => {
  it.each(targets)(
    "of %o leaves its backlog alone, with limits and without, until it ends",
    async (target) => {
      const fixture = await fixtures.open(engine);
      const { tasks } = fixture;
      const claim = await claimer(fixture);
      const isPaused = isOf(target);
      await tasks.limits.set({ type: "b", concurrency: 1_000 });
      const inputs = mixed(420);
      await tasks.enqueueMany(inputs.slice(0, 400));
      await tasks.pause(target);
      await tasks.enqueueMany(inputs.slice(400));
      const started = await claimAll(claim);
      expect(started).toHaveLength(inputs.filter((input) => !isPaused(input)).length);
      expect(started.filter(isPaused)).toEqual([]);
      expect(await tasks.resume(target)).toBe(true);
      const rest = await claimAll(claim);
      expect(rest).toHaveLength(420 - started.length);
      expect(rest.every(isPaused)).toBe(true);
    },
  );

  it("is listed until it ends, and may be asked for twice", async () => {
    const { tasks } = await fixtures.open(engine);
    for (const target of [...targets, ...targets]) await tasks.pause(target);
    expect(await tasks.paused()).toEqual(
      targets.map((target) => ({ ...target, paused_at: expect.any(Date) })),
    );
    expect(await tasks.resume({ queue: "slow" })).toBe(true);
    expect(await tasks.resume({ queue: "slow" })).toBe(false);
    expect(await tasks.paused()).toMatchObject([{ type: "a" }, { key: "k" }]);
  });

  it("lets what runs go on, and workers come back by themselves when it ends", async () => {
    const { tasks, again } = await fixtures.open(engine);
    const gate = Promise.withResolvers<void>();
    const ran: number[] = [];
    const worker = again().createWorker({
      concurrency: 1,
      pollMs: 600_000,
      handlers: {
        a: async ({ payload }) => {
          ran.push(Number(payload));
          await gate.promise;
        },
      },
    });
    await worker.start();
    await tasks.enqueueMany([1, 2, 3].map((payload) => ({ type: "a", payload })));
    await expect.poll(() => ran).toEqual([1]);
    await tasks.pause({ type: "a" });
    gate.resolve();
    const complete = async (): Promise<number> => (await tasks.list({ state: "complete" })).items.length;
    await expect.poll(complete).toBe(1);
    await tasks.resume({ type: "a" });
    await expect.poll(complete, { timeout: 10_000 }).toBe(3);
    expect(ran).toEqual([1, 2, 3]);
    await worker.stop();
  });
});

function mixed(count: number): readonly TaskInput[] {
  return Array.from({ length: count }, (_, n) => ({
    type: n % 2 === 0 ? "a" : "b",
    queue: n % 3 === 0 ? "slow" : "default",
    ...(n % 5 < 2 && { limit_key: n % 5 === 0 ? "k" : "l" }),
  }));
}

type Part = Pick<TaskInput, "type" | "queue"> & { readonly limit_key?: string | null };

function isOf(target: LimitTarget): (task: Part) => boolean {
  if ("type" in target) return ({ type }) => type === target.type;
  if ("queue" in target) return ({ queue }) => queue === target.queue;
  return ({ limit_key: key }) => key === target.key;
}

async function claimer({ store }: TasksFixture): Promise<() => Promise<readonly Part[]>> {
  const worker = await registerWorker(store, "w", advert);
  const claim = { worker, queues: ["default", "slow"], types: ["a", "b"], limit: 7 };
  return async () => (await claimTasks(store, claim)).map(({ task }) => task);
}

async function claimAll(claim: () => Promise<readonly Part[]>): Promise<readonly Part[]> {
  const all: Part[] = [];
  for (let some = await claim(); some.length > 0; some = await claim()) all.push(...some);
  return all;
}
