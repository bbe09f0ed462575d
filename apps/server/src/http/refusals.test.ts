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
      /Expected a whole number, got 1\.5\./,
    ],
    ["an empty lane", { prompt: "x", lane: "" }, "TASK_INVALID", "lane", /at least 1 character\./],
    ...[
      "1969-12-31T23:59:59Z",
      "2200-01-01T00:00:00-00:01",
      "9999-12-31T23:59:59-14:00",
      "0000-01-01T00:00:00Z",
    ].map((time): [string, unknown, string, string, RegExp] => [
      `the time ${time}`,
      { prompt: "x", scheduled_at: time },
      "TASK_INVALID",
      "scheduled_at",
      /from 1970-01-01 to 2200-01-01 in UTC/,
    ]),
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
      "a misspelt dispatch type",
      { prompt: "x", dispatch_type: "web_hok" },
      "DISPATCH_TYPE_UNKNOWN",
      "dispatch_type",
      /Did you mean "webhook"/,
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
