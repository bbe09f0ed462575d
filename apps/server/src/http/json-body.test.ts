import { connect } from "node:net";
import type { Logger } from "@core/registry";
import { silentLogger } from "@core/registry";
import { describe, expect, test, vi } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { createTestApp, problemOf, TEST_KEY } from "../testing/test-app.ts";
import { listen } from "./listener.ts";

const authorization = `Bearer ${TEST_KEY}`;

describe("a body that cannot be read", () => {
  test.each<[string, string, RegExp]>([
    ["cut off", '{"prompt": "x"', /ends too early, at position 14/],
    ["with a comma too many", '{"prompt": "x",}', /unexpected "}" at position 15 \(line 1, column 16\)/],
    ["empty", "", /it is empty/],
    ["nested too deep", `{"prompt":"x","payload":${"[".repeat(100)}${"]".repeat(100)}}`, /deeper than 64/],
  ])("because its JSON is %s is refused with the place", async (_title, body, message) => {
    const { post, tasks } = createTestApp();
    expect(await problemOf(await post("/api/v1/tasks", body))).toMatchObject({
      status: 400,
      code: "BODY_MALFORMED",
      detail: expect.stringMatching(message),
    });
    expect(tasks.stored).toEqual([]);
  });

  test.each([["text/plain"], ["application/x-www-form-urlencoded"], [undefined]])(
    "because its type is %s is refused",
    async (type) => {
      const { app, tasks } = createTestApp();
      const headers = { authorization, ...(type && { "content-type": type }) };
      const body = new TextEncoder().encode('{"prompt":"x"}');
      const response = await app.request("/api/v1/tasks", { method: "POST", headers, body });
      expect(await problemOf(response)).toMatchObject({
        status: 415,
        code: "BODY_TYPE_UNSUPPORTED",
        detail: expect.stringContaining("application/json"),
      });
      expect(tasks.stored).toEqual([]);
    },
  );

  test("because it is encoded is refused by the name of the encoding", async () => {
    const answer = async (encoding: string): Promise<Response> => {
      const headers = { authorization, "content-type": "application/json", "content-encoding": encoding };
      return createTestApp().app.request("/api/v1/tasks", {
        method: "POST",
        headers,
        body: '{"prompt":"x"}',
      });
    };
    const encoded = await answer("GZip");
    expect([encoded.status, encoded.headers.get("accept-encoding")]).toEqual([415, "identity"]);
    expect(await problemOf(encoded)).toMatchObject({
      code: "BODY_TYPE_UNSUPPORTED",
      detail: expect.stringContaining("Content-Encoding is gzip"),
    });
    expect((await answer("identity")).status).toBe(201);
  });

  test("because it is too large is refused, and what a client still writes is read for a while only", async () => {
    const { app, tasks } = createTestApp();
    let pulled = 0;
    const chunk = new Uint8Array(1_048_576).fill(0x20);
    const body = new ReadableStream({ pull: (controller) => (pulled++, controller.enqueue(chunk)) });
    const headers = { authorization, "content-type": "application/json" };
    const request = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    const endless = await app.request("/api/v1/tasks", request);
    const declared = await app.request("/api/v1/tasks", {
      method: "POST",
      headers: { ...headers, "content-length": "10485760" },
      body: "{}",
    });
    expect(await problemOf(endless)).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
    expect(await problemOf(declared)).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
    expect(pulled).toBeLessThan(70);
    expect(tasks.stored).toEqual([]);
  });

  test("because its client has gone is no error of the server", async () => {
    const error = vi.fn<Logger["error"]>();
    const debug = vi.fn<Logger["debug"]>();
    const { app } = createTestApp({ logger: { ...silentLogger, error, debug } });
    const listener = await listen({ fetch: app.fetch, host: "127.0.0.1", port: 0 });
    const head = `POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\n`;
    for (const kind of ["Content-Length: 100\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n4\r\n"]) {
      const socket = connect(Number(new URL(listener.url).port), "127.0.0.1");
      socket.end(`${head}${kind}{"p`);
    }
    await eventually(() => debug.mock.calls.length === 2);
    expect(debug.mock.calls.map(([fields]) => fields)).toMatchObject([{ status: 400 }, { status: 400 }]);
    expect(error).not.toHaveBeenCalled();
    await listener.close(0);
  });
});

test("numbers beyond all numbers are refused by their fields", async () => {
  const { post, tasks } = createTestApp();
  const response = await post("/api/v1/tasks", '{"prompt":"x","priority":1e999,"payload":{"a":[1,-1e999]}}');
  expect(await problemOf(response)).toMatchObject({
    status: 422,
    code: "TASK_INVALID",
    errors: [
      { field: "priority", message: expect.stringContaining("too large") },
      { field: "payload.a.1", message: expect.stringContaining("too large") },
    ],
  });
  expect(tasks.stored).toEqual([]);
});
