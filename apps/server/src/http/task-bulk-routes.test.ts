import { describe, expect, test } from "vitest";
import { createFakeTasks } from "../testing/fake-tasks.ts";
import { createTestApp, problemOf } from "../testing/test-app.ts";

describe("acting on many tasks", () => {
  test("the orders reach the queue with the queue's words", async () => {
    const asked: unknown[] = [];
    const tasks = {
      ...createFakeTasks(),
      redrive: async (...order: readonly unknown[]) => (asked.push(order), 7),
      prune: async (order: unknown) => (asked.push(order), 8),
    };
    const { post } = createTestApp({ tasks });
    const retried = await post("/api/v1/tasks/redrive", {
      type: "t",
      status: "cancelled",
      since: "2030-01-31T08:00:00+01:00",
      limit: 5,
    });
    const pruned = await post("/api/v1/tasks/prune", { older_than_seconds: 60, statuses: ["failed"] });
    expect([await retried.json(), await pruned.json()]).toEqual([{ retried: 7 }, { pruned: 8 }]);
    const signal = expect.any(AbortSignal);
    expect(asked).toEqual([
      [
        { type: "t", state: "cancelled", since: new Date("2030-01-31T07:00:00Z") },
        { limit: 5, signal },
      ],
      { olderThanMs: 60_000, states: ["failed"], limit: 10_000, signal },
    ]);
  });

  test.each<[string, object, string, RegExp]>([
    ["redrive", { typ: "t" }, "typ", /Did you mean "type"/],
    ["redrive", { status: "complete" }, "status", /Expected one of "failed", "cancelled"/],
    ["redrive", { limit: 10_001 }, "limit", /at most 10000/],
    ["redrive", { since: "yesterday" }, "since", /Expected a date like/],
    ["redrive", { older_than_second: 1 }, "older_than_second", /no field "older_than_second". Remove it/],
    ["prune", {}, "older_than_seconds", /required/],
    ["prune", { older_than_seconds: 1, limit: 0 }, "limit", /at least 1/],
    ["prune", { older_than_seconds: -1 }, "older_than_seconds", /at least 0/],
  ])("%s with %j is refused by field", async (action, body, field, message) => {
    const response = await createTestApp().post(`/api/v1/tasks/${action}`, body);
    expect(response.status).toBe(422);
    expect(await problemOf(response)).toMatchObject({
      code: "BODY_INVALID",
      detail: expect.stringMatching(/^Nothing was done\./),
      errors: [{ field, message: expect.stringMatching(message) }],
    });
  });
});

describe("listing tasks", () => {
  test("the filters reach the queue with the queue's words", async () => {
    const asked: unknown[] = [];
    const list = async (filter: unknown) => (asked.push(filter), { items: [], next_cursor: null });
    const { get } = createTestApp({ tasks: { ...createFakeTasks(), list } });
    const filters = {
      type: "t",
      queue: "q",
      lane: "l",
      session_id: "s",
      failure_code: "timed_out",
      reason: "scheduled",
    };
    const query = new URLSearchParams({
      ...filters,
      status: "failed",
      created_after: "2030-01-31T08:00:00Z",
      created_before: "2030-02-01T08:00:00+01:00",
    });
    expect((await get(`/api/v1/tasks?${query.toString()}`)).status).toBe(200);
    expect(asked).toEqual([
      {
        ...filters,
        state: "failed",
        created_after: new Date("2030-01-31T08:00:00Z"),
        created_before: new Date("2030-02-01T07:00:00Z"),
      },
    ]);
  });
});
