import { readFile } from "node:fs/promises";
import type { Database } from "@core/database";
import { openDatabase } from "@core/database";
import type { FeedEvent, TaskEvents, Tasks } from "@core/tasks";
import { createTasks, tasksMigrations } from "@core/tasks";
import { createManualClock } from "@core/testing";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../testing/eventually.ts";
import type { EventSourceClient } from "../testing/event-source.ts";
import { openEvents } from "../testing/event-source.ts";
import { createFakeTasks } from "../testing/fake-tasks.ts";
import { createTestApp, problemOf, TEST_KEY } from "../testing/test-app.ts";
import type { AppOptions } from "./app.ts";
import { listen } from "./listener.ts";

describe("GET /api/v1/events", () => {
  let database: Database;
  let tasks: Tasks;

  beforeAll(async () => {
    const dump = process.env["TEST_PGLITE_DUMP"];
    database = await openDatabase({ memory: true, ...(dump && { dump: new Blob([await readFile(dump)]) }) });
    await database.migrate([tasksMigrations()]);
    tasks = createTasks({ database });
  });

  afterAll(() => database.close());

  test("tells a client what happens, with the words of the wire", async () => {
    const { connect } = await serve({ tasks });
    const client = await connect();
    const { task } = await tasks.enqueue({ type: "t", lane: "l" });
    await run(tasks);
    expect(await client.until("task.completed")).toMatchObject({
      data: { type: "task.completed", task_id: task.id, status: "complete", lane: "l", attempt: 1 },
    });
    expect(client.events.map(({ type }) => type)).toEqual(["task.created", "task.started", "task.completed"]);
    expect(client.events.every(({ id, data }) => id === data["id"])).toBe(true);
    expect(client.events[0]?.data["at"]).toMatch(/^\d{4}-.*Z$/);
  });

  test("tells only what was asked for", async () => {
    const { connect } = await serve({ tasks });
    const { task } = await tasks.enqueue({ type: "t" });
    const ofTask = await connect(`?task_id=${task.id.toUpperCase()}`);
    const ofTypes = await connect("?types=task.completed,task.failed");
    await tasks.enqueue({ type: "t" });
    await run(tasks);
    await ofTask.until("task.completed");
    await eventually(() => ofTypes.events.length === 2);
    expect(ofTask.events.map(({ type, data }) => [type, data["task_id"]])).toEqual([
      ["task.started", task.id],
      ["task.completed", task.id],
    ]);
    expect(new Set(ofTypes.events.map(({ type }) => type))).toEqual(new Set(["task.completed"]));
  });

  test("goes on where a client was, also if what it asked for never came", async () => {
    const { connect } = await serve({ tasks });
    const first = await connect("?types=task.failed");
    const place = await eventually(() => first.lastEventId || null);
    first.hangUp();
    const { task } = await tasks.enqueue({ type: "t" });
    const second = await connect("", place);
    expect(await second.until("task.created")).toMatchObject({ data: { task_id: task.id } });
    expect(second.events).toHaveLength(1);
    await tasks.cancel(task.id);
    await second.until("task.cancelled");
    const third = await connect("", second.events[0]?.id);
    await third.until("task.cancelled");
    expect(third.events).toHaveLength(1);
  });

  test("tells a client to look again when its place is unknown", async () => {
    const { connect } = await serve({ tasks });
    const client = await connect("?types=task.failed", "of-a-former-life.7");
    expect(await client.until("reset")).toMatchObject({ data: { reason: "unknown_id" } });
    const again = await connect("", client.lastEventId);
    const { task } = await tasks.enqueue({ type: "t" });
    expect(await again.until("task.created")).toMatchObject({ data: { task_id: task.id } });
    expect(again.events).toHaveLength(1);
  });

  test("refuses a request without the key, and questions that cannot be meant", async () => {
    const { app, get } = createTestApp({ tasks });
    expect((await app.request("/api/v1/events")).status).toBe(401);
    for (const query of ["?types=task.done", "?types=gap", "?task_id=7", "?typs=task.created"]) {
      const response = await get(`/api/v1/events${query}`);
      expect(response.status).toBe(400);
      expect(await problemOf(response)).toMatchObject({ code: "QUERY_INVALID" });
    }
  });

  test("answers HEAD without ever listening", async () => {
    const { tasks: fake, listeners } = withEvents();
    const { app } = createTestApp({ tasks: fake });
    const headers = { authorization: `Bearer ${TEST_KEY}` };
    const response = await app.request("/api/v1/events", { method: "HEAD", headers });
    expect(response.status).toBe(200);
    expect(listeners.size).toBe(0);
  });
});

describe("a stream of events", () => {
  test("takes a gap for a reason to look again, whatever was asked for", async () => {
    const { tasks, emit } = withEvents();
    const { connect } = await serve({ tasks });
    const client = await connect("?types=task.failed");
    emit({ id: "f.1", type: "gap", at: new Date(0) });
    expect(await client.until("reset")).toMatchObject({ id: "f.1", data: { reason: "gap" } });
  });

  test("says every fifteen seconds that it lives, with the place it has come to", async () => {
    const clock = createManualClock();
    const { tasks, emit } = withEvents();
    const { connect } = await serve({ tasks, clock });
    const client = await connect("?types=task.failed");
    await eventually(() => client.comments.length === 1);
    emit(created(7));
    clock.advance(15_000);
    await eventually(() => client.comments.length === 2);
    expect(client.lastEventId).toBe("f.7");
    expect(client.events).toEqual([]);
  });

  test("leaves no listener behind when the client goes", async () => {
    const clock = createManualClock();
    const { tasks, listeners } = withEvents();
    const { connect } = await serve({ tasks, clock });
    const client = await connect();
    expect(listeners.size).toBe(1);
    client.hangUp();
    await eventually(() => listeners.size === 0);
    expect(clock.pending()).toBe(0);
  });

  test("ends when the server stops, without waiting for the grace", async () => {
    const closing = new AbortController();
    const { tasks, listeners } = withEvents();
    const { connect, close } = await serve({ tasks, closing: closing.signal });
    const client = await connect();
    closing.abort();
    await client.ended;
    await close(60_000);
    expect(listeners.size).toBe(0);
  });

  test("drops what a client does not read, and tells it to look again", async () => {
    const { tasks, emit, listeners } = withEvents();
    const { app } = createTestApp({ tasks });
    const headers = { authorization: `Bearer ${TEST_KEY}` };
    const response = await app.request("/api/v1/events", { headers });
    await eventually(() => listeners.size === 1);
    for (let n = 1; n <= 5_000; n += 1) emit(created(n));
    const text = await readUntil(response, "too_slow");
    expect(text.match(/event: task.created/g)?.length ?? 0).toBeLessThan(1_000);
    await response.body?.cancel().catch(() => {});
  });
});

async function run(tasks: Tasks): Promise<void> {
  const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
  await worker.runUntilIdle();
  await worker.stop();
}

/** The API on a port, and clients of its events. */
async function serve(options: Partial<AppOptions>) {
  const { app } = createTestApp(options);
  const { url, close } = await listen({ fetch: app.fetch, host: "127.0.0.1", port: 0 });
  const clients: EventSourceClient[] = [];
  onTestFinished(async () => {
    for (const client of clients) client.hangUp();
    await close(0);
  });
  const connect = async (query = "", lastEventId?: string): Promise<EventSourceClient> => {
    const client = await openEvents(`${url}/api/v1/events${query}`, {
      authorization: `Bearer ${TEST_KEY}`,
      ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
    });
    clients.push(client);
    return client;
  };
  return { connect, close };
}

/** Tasks whose events come from the test. */
function withEvents() {
  const listeners = new Set<(event: FeedEvent) => void>();
  let position = "f.0";
  const events: TaskEvents = {
    get position() {
      return position;
    },
    ready: async () => {},
    since: () => null,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const emit = (event: FeedEvent): void => {
    position = event.id;
    for (const listener of listeners) listener(event);
  };
  return { tasks: { ...createFakeTasks(), events }, emit, listeners };
}

function created(n: number): FeedEvent {
  const at = new Date(0);
  const about = { task_id: "t", task_type: "agent", queue: "default", lane: null, attempt: 0, run: 0 };
  return { id: `f.${n}`, type: "task.created", state: "pending", at, run_at: at, ...about };
}

async function readUntil(response: Response, wanted: string): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (reader !== undefined && !text.includes(wanted)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  reader?.releaseLock();
  return text;
}
