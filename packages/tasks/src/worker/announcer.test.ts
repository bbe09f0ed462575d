import type { Database } from "@core/database";
import { testEngines } from "@core/database/testing";
import { createManualClock, createRecordingLogger } from "@core/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { newsChannel } from "../store/channel.ts";
import { createTasks } from "../create-tasks.ts";
import type { Tasks } from "../tasks.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import type { Announcer } from "./announcer.ts";
import { createAnnouncer } from "./announcer.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

/** Workers that look by themselves only once an hour. */
const hourly = { pollMs: 3_600_000 };

describe("an announcer", () => {
  it("tells of the first task at once, and of all that follow within a moment together", () => {
    const { announcer, sent, clock } = setUp();
    for (let n = 0; n < 5; n += 1) announcer.announce();
    expect(sent).toHaveLength(1);
    clock.advance(10);
    expect(sent).toHaveLength(2);
    clock.advance(10);
    clock.advance(10);
    expect(sent).toHaveLength(2);
    announcer.announce();
    expect(sent).toHaveLength(3);
  });

  it("leaves its turn to the statement that takes it", () => {
    const { announcer, sent, clock } = setUp();
    expect(announcer.takeTurn()).toEqual({ channel: "tasks:s", payload: expect.stringMatching(/^tasks /) });
    expect(announcer.takeTurn()).toBeNull();
    clock.advance(10);
    expect(sent).toEqual([]);
    announcer.takeTurn();
    announcer.announce();
    clock.advance(10);
    expect(sent).toHaveLength(1);
  });

  it("hears what others announce and not itself, and looks when it hears again after a break", async () => {
    const { announcer, sent, deliver, reconnect } = setUp();
    const heard: string[] = [];
    const undo = await announcer.hear((news) => heard.push(news));
    announcer.announce();
    for (const payload of sent) deliver(payload);
    expect(heard).toEqual([]);
    deliver("tasks somebody-else");
    deliver("cancel somebody-else");
    deliver("deliveries somebody-else");
    deliver("nonsense");
    reconnect();
    expect(heard).toEqual(["tasks", "cancel", "deliveries", "tasks", "deliveries", "schedules"]);
    await undo();
  });

  it("warns once when nothing arrives, not even what it sends itself", async () => {
    const { announcer, clock, logger, sent, deliver } = setUp();
    await announcer.hear(() => undefined);
    for (const payload of sent) deliver(payload);
    clock.advance(60_000);
    expect(logger.entries).toEqual([]);
    await announcer.hear(() => undefined);
    clock.advance(60_000);
    expect(logger.entries).toMatchObject([{ level: "warn", message: expect.stringContaining("pooler") }]);
  });
});

describe.each(testEngines)("a worker that seldom looks by itself on %s", (engine) => {
  it("runs at once what another instance enqueues", async () => {
    const { tasks, again } = await fixtures.open(engine);
    const ran = Promise.withResolvers<unknown>();
    const worker = tasks.createWorker({
      ...hourly,
      handlers: { t: async ({ payload }) => ran.resolve(payload) },
    });
    await worker.start();
    await again().enqueue({ type: "t", payload: "told" });
    expect(await ran.promise).toBe("told");
    await worker.stop();
  });

  it.each([
    ["a delay", (tasks: Tasks) => tasks.enqueue({ type: "t", delay_ms: 50 })],
    ["a time", (tasks: Tasks) => tasks.enqueue({ type: "t", scheduled_at: new Date(Date.now() + 50) })],
    ["many", async (tasks: Tasks) => (await tasks.enqueueMany([{ type: "t", delay_ms: 50 }]))[0]],
    [
      "a debounce",
      (tasks: Tasks) =>
        tasks.enqueue({ type: "t", delay_ms: 50, dedupe: { key: "d", on_conflict: "debounce" } }),
    ],
  ])("runs a planned task when its time has come: %s", async (_, plan) => {
    const { tasks } = await fixtures.open(engine);
    const ran = Promise.withResolvers<string>();
    const worker = tasks.createWorker({ ...hourly, handlers: { t: async ({ id }) => ran.resolve(id) } });
    await worker.start();
    const planned = await plan(tasks);
    expect(await ran.promise).toBe(planned?.task.id);
    await worker.stop();
  });
});

describe("a worker on postgres", () => {
  it("hears again after the connection that it listens on was lost", async () => {
    const { tasks, again, database } = await fixtures.open("postgres");
    const runs: unknown[] = [];
    const worker = tasks.createWorker({
      ...hourly,
      handlers: { t: async ({ payload }) => void runs.push(payload) },
    });
    await worker.start();
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like '%listener'`.execute(database.kysely);
    await again().enqueue({ type: "t", payload: "while it was deaf" });
    await expect.poll(() => runs, { timeout: 20_000 }).toContain("while it was deaf");
    await again().enqueue({ type: "t", payload: "after" });
    await expect.poll(() => runs).toContain("after");
    await worker.stop();
  });

  it("polls, and says so once, where it may not listen", async () => {
    const { database, schema } = await fixtures.open("postgres");
    const logger = createRecordingLogger();
    const deaf: Database = { ...database, listen: () => Promise.reject(new Error("LISTEN is not allowed.")) };
    const tasks = createTasks({ database: deaf, schema, logger });
    const ran = Promise.withResolvers<void>();
    const worker = tasks.createWorker({ pollMs: 20, handlers: { t: async () => ran.resolve() } });
    await worker.start();
    await createTasks({ database, schema }).enqueue({ type: "t" });
    await ran.promise;
    await worker.stop();
    expect(logger.entries.filter(({ level }) => level === "warn")).toMatchObject([
      { message: "The worker cannot listen to the database and polls instead." },
    ]);
  });
});

interface Rig {
  readonly announcer: Announcer;
  readonly sent: string[];
  readonly clock: ReturnType<typeof createManualClock>;
  readonly logger: ReturnType<typeof createRecordingLogger>;
  deliver(payload: string): void;
  reconnect(): void;
}

function setUp(): Rig {
  const sent: string[] = [];
  const clock = createManualClock(0);
  const logger = createRecordingLogger();
  const handlers: ((payload: string) => void)[] = [];
  let reconnect = (): void => {};
  const database: Pick<Database, "listen" | "notify"> = {
    async listen(channel, handler, options) {
      expect(channel).toBe(newsChannel("s"));
      handlers.push(handler);
      reconnect = () => options?.onReconnect?.();
      return async () => undefined;
    },
    async notify(_channel, payload) {
      sent.push(payload);
    },
  };
  const announcer = createAnnouncer(database, "s", { clock, logger });
  return {
    announcer,
    sent,
    clock,
    logger,
    deliver: (payload) => handlers.forEach((handler) => handler(payload)),
    reconnect: () => reconnect(),
  };
}
