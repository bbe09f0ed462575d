import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { createTestApp, problemOf, TEST_KEY } from "../testing/test-app.ts";
import { callerGuard } from "./caller-guard.ts";

/** What a server that is bound and reached like this answers to a request with these headers. */
async function answer(
  { host = "127.0.0.1", publicUrl = null }: { readonly host?: string; readonly publicUrl?: string | null },
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const app = new Hono().use(callerGuard({ host, publicUrl })).get("/", (context) => context.text("in"));
  app.onError((_error, context) => context.text("out", 403));
  return (await app.request("/", { headers })).status;
}

const anywhere = { host: "0.0.0.0" };
const published = { publicUrl: "https://agents.example.org/base" };

describe("a request is let in", () => {
  test.each([
    [{}, { host: "localhost:3000" }],
    [{}, { host: "127.0.0.1" }],
    [{}, { host: "[::1]:3000" }],
    [{}, { host: "localhost:3000", origin: "http://localhost:5173" }],
    [{ host: "192.168.1.5" }, { host: "192.168.1.5:3000" }],
    [{ host: "fd00::5" }, { host: "[fd00::5]:3000" }],
    [published, { host: "agents.example.org" }],
    [published, { host: "agents.example.org", origin: "https://agents.example.org" }],
    [anywhere, { host: "192.168.1.5:3000" }],
    [anywhere, { host: "[fd00::5]:3000" }],
  ])("of a server at %o with %o", async (server, headers) => {
    expect(await answer(server, headers)).toBe(200);
  });
});

describe("a request is kept out", () => {
  test.each([
    [{}, {}],
    [{}, { host: "evil.example.com" }],
    [{}, { host: "localhost.evil.example.com" }],
    [{}, { host: "192.168.1.5" }],
    [{}, { host: "localhost", origin: "https://evil.example.com" }],
    [{}, { host: "localhost", origin: "null" }],
    [published, { host: "example.org" }],
    [anywhere, { host: "evil.example.com" }],
    [anywhere, { host: "192.168.1.5", origin: "http://192.168.1.66" }],
  ])("of a server at %o with %o", async (server, headers) => {
    expect(await answer(server, headers)).toBe(403);
  });
});

test("a refusal says what to set, before anything is said of keys", async () => {
  const { app } = createTestApp();
  const authorization = `Bearer ${TEST_KEY}`;
  const stranger = await app.request("/mcp", { headers: { host: "evil.example.com" } });
  expect(await problemOf(stranger)).toMatchObject({
    code: "HOST_REFUSED",
    detail: expect.stringContaining("PUBLIC_URL"),
  });
  const page = await app.request("/mcp", {
    headers: { host: "localhost", origin: "https://evil.example.com", authorization },
  });
  expect(await problemOf(page)).toMatchObject({ code: "ORIGIN_REFUSED", status: 403 });
  const keyless = await app.request("/mcp", { headers: { host: "localhost" } });
  expect(await problemOf(keyless)).toMatchObject({ code: "API_KEY_MISSING", status: 401 });
});
