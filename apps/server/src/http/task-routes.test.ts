import { describe, expect, test } from "vitest";
import { createFakeTasks } from "../testing/fake-tasks.ts";
import { createTestApp, problemOf } from "../testing/test-app.ts";
import { taskSchema, taskSummarySchema, taskWithDeliveriesSchema } from "./task-document.ts";

const url = "https://hooks.example.org/T1/B2?sig=abc";

describe("making a task", () => {
  test("answers 201, the task and its place", async () => {
    const { post, tasks } = createTestApp();
    const response = await post("/api/v1/tasks", {
      prompt: "Hello",
      dispatch_type: "webhook",
      dispatch_config: { url },
      scheduled_at: "2030-01-31T08:00:00+01:00",
      execution_config: { tools: ["search"] },
      lane: null,
    });
    const task = (await response.json()) as { id: string };
    expect(response.status).toBe(201);
    expect(response.headers.get("location")).toBe(`/api/v1/tasks/${task.id}`);
    expect(task).toMatchObject({
      prompt: "Hello",
      status: "pending",
      scheduled_at: "2030-01-31T07:00:00.000Z",
      dispatch_config: { url },
      lane: null,
    });
    expect(tasks.stored).toMatchObject([{ type: "agent", scheduled_at: new Date("2030-01-31T07:00:00Z") }]);
  });

  test("a known idempotency key answers 200 and the same task", async () => {
    const { post, tasks } = createTestApp();
    const body = { prompt: "Hello", idempotency_key: "once" };
    const answers = [await post("/api/v1/tasks", body), await post("/api/v1/tasks", body)];
    expect(answers.map(({ status }) => status)).toEqual([201, 200]);
    expect(await answers[0]?.json()).toEqual(await answers[1]?.json());
    expect(tasks.stored).toHaveLength(1);
  });

  test("a body that comes in chunks is read too", async () => {
    const { app, tasks } = createTestApp();
    const body = new Blob(['{"prompt":', '"Hello"}']).stream();
    const headers = { authorization: "Bearer test-key", "content-type": "application/json; charset=utf-8" };
    const response = await app.request("/api/v1/tasks", {
      method: "POST",
      headers,
      body,
      duplex: "half",
    });
    expect(response.status).toBe(201);
    expect(tasks.stored).toMatchObject([{ prompt: "Hello" }]);
  });
});

describe("reading tasks", () => {
  test("one task is answered with its deliveries, as the document says", async () => {
    const { post, get } = createTestApp();
    const made = await (
      await post("/api/v1/tasks", { prompt: "Hello", dispatch_type: "webhook", dispatch_config: { url } })
    ).json();
    const read = await (await get("/api/v1/tasks/01920000-0000-7000-8000-000000000000")).json();
    expect(read).toEqual({ ...(made as object), deliveries: [], progress: null, log: [] });
    expect(taskSchema.safeParse(made).error).toBeUndefined();
    expect(taskWithDeliveriesSchema.safeParse(read).error).toBeUndefined();
  });

  test("a list leaves out what may be long", async () => {
    const { post, get } = createTestApp();
    await post("/api/v1/tasks", { prompt: "Hello", dispatch_type: "webhook", dispatch_config: { url } });
    const page = (await (await get("/api/v1/tasks?status=pending&limit=10")).json()) as { items: unknown[] };
    expect(page).toMatchObject({ items: [{ prompt: "Hello", dispatch_type: "webhook" }], next_cursor: null });
    expect(taskSummarySchema.safeParse(page.items[0]).error).toBeUndefined();
    expect(JSON.stringify(page)).not.toContain(url);
  });

  test("the query reaches the queue with the queue's words", async () => {
    const asked: unknown[] = [];
    const fake = createFakeTasks();
    const spied = {
      ...fake,
      deliveries: {
        ...fake.deliveries,
        list: async (filter: unknown) => (asked.push(filter), { items: [], next_cursor: "s7" }),
      },
    };
    const { get } = createTestApp({ tasks: spied });
    const id = "01920000-0000-7000-8000-000000000000";
    const page = await (await get(`/api/v1/deliveries?status=dead&task_id=${id}&cursor=s9&limit=2`)).json();
    expect(asked).toEqual([{ state: "dead", task_id: id, cursor: "s9", limit: 2 }]);
    expect(page).toEqual({ items: [], next_cursor: "s7" });
  });

  test("an unknown id is 404 and a malformed one 400", async () => {
    const { get } = createTestApp();
    const unknown = await get("/api/v1/tasks/01920000-0000-7000-8000-00000000ffff");
    const malformed = await get("/api/v1/tasks/42");
    expect([unknown.status, (await problemOf(unknown)).code]).toEqual([404, "TASK_NOT_FOUND"]);
    expect([malformed.status, (await problemOf(malformed)).code]).toEqual([400, "TASK_ID_INVALID"]);
  });

  test.each([
    ["status=done", "status", /Expected one of "pending"/],
    ["limit=0", "limit", /from 1 to 200/],
    ["limit=ten", "limit", /from 1 to 200/],
    ["limit=1&limit=2", "limit", /Give limit once\./],
    ["status=failed&status=pending", "status", /Give status once\./],
    ["state=failed", "state", /Did you mean "status"/],
  ])("the query %s is refused by name", async (query, field, message) => {
    const response = await createTestApp().get(`/api/v1/tasks?${query}`);
    expect(response.status).toBe(400);
    expect(await problemOf(response)).toMatchObject({
      code: "QUERY_INVALID",
      errors: [{ field, message: expect.stringMatching(message) }],
    });
  });
});
