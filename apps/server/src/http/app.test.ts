import type { Logger } from "@core/registry";
import { silentLogger } from "@core/registry";
import { DatabaseError } from "@core/database";
import { describe, expect, test } from "vitest";
import { createFakeTasks } from "../testing/fake-tasks.ts";
import { createTestApp, problemOf, TEST_KEY } from "../testing/test-app.ts";

describe("the key", () => {
  test.each([
    [undefined, "API_KEY_MISSING"],
    ["", "API_KEY_MISSING"],
    ["Basic dGVzdA==", "API_KEY_MISSING"],
    [TEST_KEY, "API_KEY_MISSING"],
    ["Bearer", "API_KEY_MISSING"],
    ["Bearer ", "API_KEY_MISSING"],
    ["Bearer wrong-key", "API_KEY_WRONG"],
    [`Bearer ${TEST_KEY}x`, "API_KEY_WRONG"],
    [`Bearer ${TEST_KEY} ${TEST_KEY}`, "API_KEY_WRONG"],
  ])("a request with Authorization %s is refused", async (authorization, code) => {
    const { app } = createTestApp();
    const response = await app.request("/api/v1/tasks", {
      headers: authorization === undefined ? {} : { authorization },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer /);
    expect(await problemOf(response)).toMatchObject({
      code,
      detail: expect.stringContaining("Authorization: Bearer <key>"),
    });
  });

  test("an unknown path below /api tells nothing without the key", async () => {
    const { app } = createTestApp();
    expect((await app.request("/api/v1/nothing")).status).toBe(401);
  });

  test("the scheme may be written in any case", async () => {
    const { app } = createTestApp();
    const headers = { authorization: `bearer ${TEST_KEY}` };
    expect((await app.request("/api/v1/tasks", { headers })).status).toBe(200);
  });
});

describe("every answer", () => {
  test("has a request id, its own or a new one, and forbids guessing of types", async () => {
    const { app } = createTestApp();
    const own = await app.request("/health", { headers: { "x-request-id": "mine-1" } });
    const fresh = await app.request("/nothing", { headers: { "x-request-id": "bad id\u00e9" } });
    expect(own.headers.get("x-request-id")).toBe("mine-1");
    expect(fresh.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(fresh.headers.get("x-content-type-options")).toBe("nosniff");
    expect((await problemOf(fresh)).request_id).toBe(fresh.headers.get("x-request-id"));
  });

  test("an error is a problem document", async () => {
    const response = await createTestApp().get("/nothing");
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await problemOf(response)).toMatchObject({
      type: "about:blank",
      title: "Not Found",
      status: 404,
      code: "ROUTE_NOT_FOUND",
    });
  });
});

describe("what no route takes", () => {
  test("an unknown path is told where the paths are listed", async () => {
    const response = await createTestApp().get("/api/v1/nothing");
    expect(response.status).toBe(404);
    expect((await problemOf(response)).detail).toBe(
      "There is no /api/v1/nothing. GET /openapi.json lists what there is.",
    );
  });

  test("a wrong method is told the right ones", async () => {
    const { app } = createTestApp();
    const headers = { authorization: `Bearer ${TEST_KEY}` };
    const response = await app.request("/api/v1/tasks", { method: "DELETE", headers });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD, OPTIONS, POST");
    expect((await app.request("/health", { method: "POST" })).headers.get("allow")).toBe(
      "GET, HEAD, OPTIONS",
    );
  });

  test("OPTIONS answers the methods, and HEAD is GET without a body", async () => {
    const { app } = createTestApp();
    const options = await app.request("/health", { method: "OPTIONS" });
    const head = await app.request("/health", { method: "HEAD" });
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test("a slash at the end is no other path", async () => {
    expect((await createTestApp().get("/api/v1/tasks/")).status).toBe(200);
  });
});

describe("failures inside", () => {
  test("an unexpected error answers its request id and nothing else, and the log has the rest", async () => {
    const logged: unknown[] = [];
    const logger: Logger = { ...silentLogger, error: (fields) => void logged.push(fields) };
    const tasks = { ...createFakeTasks(), list: () => Promise.reject(new Error("secret internals")) };
    const response = await createTestApp({ tasks, logger }).get("/api/v1/tasks");
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain("internals");
    expect(text).toContain(response.headers.get("x-request-id"));
    expect(logged).toEqual([
      { request_id: response.headers.get("x-request-id"), err: new Error("secret internals") },
    ]);
  });

  test("a database that does not answer is 503, to be tried later", async () => {
    const down = new DatabaseError({ code: "DATABASE_UNREACHABLE", message: "db.internal:5432" });
    const tasks = { ...createFakeTasks(), list: () => Promise.reject(down) };
    const response = await createTestApp({ tasks }).get("/api/v1/tasks");
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await response.text()).not.toContain("db.internal");
  });
});

describe("health", () => {
  test("needs no key and is 200 while the database answers", async () => {
    const response = await createTestApp().app.request("/health");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: "ok",
      database: { status: "ok", engine: "pglite" },
      worker: { status: "running" },
      integrations: [],
      processes: [],
    });
  });

  test("is 503 when the database does not answer", async () => {
    const health = async () =>
      ({
        database: { status: "unavailable", engine: "postgres" },
        worker: { status: "running" },
        integrations: [],
        processes: [],
      }) as const;
    const response = await createTestApp({ health }).app.request("/health");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: "unavailable" });
  });
});
