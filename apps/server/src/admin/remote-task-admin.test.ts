import { expect, test } from "vitest";
import { createRemoteTaskAdmin } from "./remote-task-admin.ts";
import type { ApiAnswer, ServerApi } from "./server-api.ts";

/** An API that keeps what it is asked and answers in turn. */
function recordingApi(...answers: readonly ApiAnswer["body"][]): { api: ServerApi; asked: unknown[] } {
  const asked: unknown[] = [];
  const left = [...answers];
  const next = async (): Promise<ApiAnswer> => ({ body: left.shift() ?? {}, code: null });
  return {
    asked,
    api: {
      get: (path) => (asked.push(path), next()),
      post: (_path, body) => (asked.push(body), next()),
    },
  };
}

test("redriving asks again, up to one moment, until fewer are retried than it asked for", async () => {
  const { api, asked } = recordingApi({ retried: 500 }, { retried: 500 }, { retried: 3 });
  const told: number[] = [];
  const order = { type: "t", state: "failed" } as const;
  const count = await createRemoteTaskAdmin(api).redrive(order, { onProgress: (done) => told.push(done) });
  expect([count, told]).toEqual([1_003, [500, 1_000, 1_003]]);
  const [first] = asked as { until: Date }[];
  expect(first?.until).toBeInstanceOf(Date);
  const batch = { type: "t", status: "failed", limit: 500, until: first?.until };
  expect(asked).toEqual([batch, batch, batch]);
});

test("redriving keeps to its limit and to the moment that was given", async () => {
  const { api, asked } = recordingApi({ retried: 500 }, { retried: 20 });
  const until = new Date("2030-01-01");
  expect(await createRemoteTaskAdmin(api).redrive({ until }, { limit: 520 })).toBe(520);
  expect(asked).toEqual([
    { until, limit: 500 },
    { until, limit: 20 },
  ]);
});

test("redriving ends between two requests when it is interrupted", async () => {
  const { api, asked } = recordingApi({ retried: 500 }, { retried: 500 });
  const stop = new AbortController();
  const options = { signal: stop.signal, onProgress: () => stop.abort() };
  expect(await createRemoteTaskAdmin(api).redrive({}, options)).toBe(500);
  expect(asked).toHaveLength(1);
});

test("pruning asks again, up to one moment, and tells how far it is", async () => {
  const { api, asked } = recordingApi({ pruned: 500 }, { pruned: 0 });
  const told: number[] = [];
  const started = Date.now();
  const order = { olderThanMs: 60_000, states: ["failed"], types: ["t"] } as const;
  expect(await createRemoteTaskAdmin(api).prune({ ...order, onProgress: (done) => told.push(done) })).toBe(
    500,
  );
  expect(told).toEqual([500]);
  expect(asked).toHaveLength(2);
  for (const body of asked as { older_than_seconds: number }[]) {
    expect(body).toMatchObject({ statuses: ["failed"], types: ["t"], limit: 500 });
    const longAgo = body.older_than_seconds * 1_000;
    expect(longAgo).toBeGreaterThanOrEqual(60_000);
    expect(longAgo).toBeLessThanOrEqual(60_000 + Date.now() - started);
  }
});

test("pruning ends between two requests when it is interrupted", async () => {
  const { api, asked } = recordingApi({ pruned: 500 }, { pruned: 500 });
  const stop = new AbortController();
  const options = { olderThanMs: 0, signal: stop.signal, onProgress: () => stop.abort() };
  expect(await createRemoteTaskAdmin(api).prune(options)).toBe(500);
  expect(asked).toHaveLength(1);
});

test("a list is asked for with the words of the API", async () => {
  const { api, asked } = recordingApi({ items: [], next_cursor: null });
  await createRemoteTaskAdmin(api).list({
    state: "failed",
    lane: "a&b",
    created_after: new Date(0),
    limit: 7,
  });
  expect(asked).toEqual([
    "/api/v1/tasks?status=failed&lane=a%26b&created_after=1970-01-01T00%3A00%3A00.000Z&limit=7",
  ]);
});
