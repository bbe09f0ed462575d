import { readFile } from "node:fs/promises";
import type { Database } from "@core/database";
import { openDatabase } from "@core/database";
import type { Outbound } from "@core/outbound";
import { createOutbound, createWebhookDispatcher } from "@core/outbound";
import { createRegistry } from "@core/registry";
import type { Tasks } from "@core/tasks";
import { createTasks, tasksMigrations } from "@core/tasks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestApp } from "../testing/test-app.ts";
import { createTestApp, problemOf } from "../testing/test-app.ts";

/** Each bad body over a real queue: what is answered, and that nothing was stored. */
describe("a bad task", () => {
  let database: Database;
  let outbound: Outbound;
  let tasks: Tasks;
  let api: TestApp;

  beforeAll(async () => {
    const dump = process.env["TEST_PGLITE_DUMP"];
    database = await openDatabase({ memory: true, ...(dump && { dump: new Blob([await readFile(dump)]) }) });
    await database.migrate([tasksMigrations()]);
    outbound = createOutbound();
    const { dispatchers } = createRegistry();
    const signingSecrets = [`whsec_${Buffer.alloc(32).toString("base64")}`];
    dispatchers.register("webhook", createWebhookDispatcher({ outbound, signingSecrets }), {
      owner: "@core/outbound",
    });
    tasks = createTasks({ database, dispatchers });
    api = createTestApp({ tasks });
  });

  afterAll(async () => {
    await outbound.close();
    await database.close();
  });

  const webhook = (target: object): object => ({
    prompt: "x",
    dispatch_type: "webhook",
    dispatch_config: target,
  });

  test.each<[string, unknown, string, string, RegExp]>([
    ["no prompt", {}, "TASK_INVALID", "prompt", /required.*string/],
    ["a blank prompt", { prompt: " \n" }, "TASK_INVALID", "prompt", /empty/],
    ["a prompt that is a number", { prompt: 7 }, "TASK_INVALID", "prompt", /Expected a string, got a number/],
    ["a body that is an array", [], "TASK_INVALID", "", /Expected an object, got an array/],
    [
      "an unknown field",
      { prompt: "x", dispatchType: "none" },
      "TASK_INVALID",
      "dispatchType",
      /Did you mean "dispatch_type"/,
    ],
    ["an unknown field like no other", { prompt: "x", zzz: 1 }, "TASK_INVALID", "zzz", /Remove it/],
    [
      "an unknown field within",
      { prompt: "x", execution_config: { model: "m" } },
      "TASK_INVALID",
      "execution_config.model",
      /no field/,
    ],
    [
      "a wrong date",
      { prompt: "x", scheduled_at: "tomorrow" },
      "TASK_INVALID",
      "scheduled_at",
      /2030-01-31T08:00:00Z/,
    ],
    [
      "a priority that is not whole",
      { prompt: "x", priority: 1.5 },
      "TASK_INVALID",
      "priority",
      /whole number/,
    ],
    [
      "too many attempts",
      { prompt: "x", max_attempts: 1_000 },
      "TASK_INVALID",
      "max_attempts",
      /at most 100/,
    ],
    [
      "a long idempotency key",
      { prompt: "x", idempotency_key: "k".repeat(256) },
      "TASK_INVALID",
      "idempotency_key",
      /at most 255 characters/,
    ],
    ["a type that nobody runs", { prompt: "x", type: "video" }, "TASK_INVALID", "type", /Use one of agent/],
    ["a NUL character", { prompt: "a\u0000b" }, "TASK_INVALID", "prompt", /NUL/],
    [
      "an unknown dispatch type",
      { prompt: "x", dispatch_type: "pigeon" },
      "DISPATCH_TYPE_UNKNOWN",
      "dispatch_type",
      /"none", "webhook"/,
    ],
    [
      "a private address",
      webhook({ url: "http://127.0.0.1/hook" }),
      "DISPATCH_TARGET_INVALID",
      "dispatch_config.url",
      /127\.0\.0\.1/,
    ],
    [
      "a token in a target",
      webhook({ url: "https://example.org", token: "t" }),
      "DISPATCH_TARGET_INVALID",
      "dispatch_config.token",
      /Remove "token"/,
    ],
    [
      "a password in a URL",
      webhook({ url: "https://u:p@example.org" }),
      "DISPATCH_TARGET_INVALID",
      "dispatch_config.url",
      /user name or password/,
    ],
    [
      "a target without a type",
      { prompt: "x", dispatch_config: { url: "https://example.org" } },
      "TASK_INVALID",
      "dispatch_type",
      /Set dispatch_type/,
    ],
  ])("with %s is refused", async (_title, body, code, field, message) => {
    const response = await api.post("/api/v1/tasks", body);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 422, code });
    expect(problem.errors).toContainEqual({ field, message: expect.stringMatching(message) });
    for (const issue of problem.errors ?? []) expect(problem.detail).toContain(issue.message);
    expect((await tasks.list()).items).toEqual([]);
  });

  test.each<[string, string, RegExp]>([
    ["cut off", '{"prompt": "x"', /ends too early, at position 14/],
    ["with a comma too many", '{"prompt": "x",}', /unexpected "}" at position 15 \(line 1, column 16\)/],
    ["empty", "", /it is empty/],
    ["nested too deep", `{"prompt":"x","payload":${"[".repeat(100)}${"]".repeat(100)}}`, /deeper than 64/],
  ])("in JSON %s is refused with the place", async (_title, body, message) => {
    const response = await api.post("/api/v1/tasks", body);
    expect(await problemOf(response)).toMatchObject({
      status: 400,
      code: "BODY_MALFORMED",
      detail: expect.stringMatching(message),
    });
    expect((await tasks.list()).items).toEqual([]);
  });

  test.each([["text/plain"], ["application/x-www-form-urlencoded"], [undefined]])(
    "of type %s is refused",
    async (type) => {
      const headers = { authorization: "Bearer test-key", ...(type && { "content-type": type }) };
      const body = new TextEncoder().encode('{"prompt":"x"}');
      const response = await api.app.request("/api/v1/tasks", { method: "POST", headers, body });
      expect(await problemOf(response)).toMatchObject({
        status: 415,
        code: "BODY_TYPE_UNSUPPORTED",
        detail: expect.stringContaining("application/json"),
      });
      expect((await tasks.list()).items).toEqual([]);
    },
  );

  test("of 10 MB is refused before it is read", async () => {
    let pulled = 0;
    const chunk = new Uint8Array(65_536).fill(0x20);
    const body = new ReadableStream({
      pull: (controller) => (++pulled > 160 ? controller.close() : controller.enqueue(chunk)),
    });
    const headers = { authorization: "Bearer test-key", "content-type": "application/json" };
    const request = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    const chunked = await api.app.request("/api/v1/tasks", request);
    const declared = await api.app.request("/api/v1/tasks", {
      method: "POST",
      headers: { ...headers, "content-length": "10485760" },
      body: "{}",
    });
    expect(await problemOf(chunked)).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
    expect(await problemOf(declared)).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
    expect(pulled).toBeLessThan(20);
    expect((await tasks.list()).items).toEqual([]);
  });

  test("with a cursor of somebody else cannot be listed", async () => {
    const response = await api.get("/api/v1/tasks?cursor=abc");
    expect(await problemOf(response)).toMatchObject({
      status: 400,
      code: "CURSOR_INVALID",
      errors: [{ field: "cursor" }],
    });
  });

  test("with the key of another task is a conflict", async () => {
    const first = await api.post("/api/v1/tasks", {
      prompt: "x",
      idempotency_key: "k",
      dispatch_type: "pigeon",
      strict: false,
    });
    const second = await api.post("/api/v1/tasks", { prompt: "y", idempotency_key: "k" });
    expect(first.status).toBe(201);
    expect(await problemOf(second)).toMatchObject({ status: 409, code: "TASK_IDEMPOTENCY_CONFLICT" });
    expect((await tasks.list()).items).toHaveLength(1);
  });
});
