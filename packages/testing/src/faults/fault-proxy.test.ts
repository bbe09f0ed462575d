import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { createFaultProxy } from "./fault-proxy.ts";
import type { FaultProxy, FaultProxyOptions } from "./fault-proxy.ts";

interface Passed {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface ProxiedService extends AsyncDisposable {
  readonly faults: FaultProxy;
  readonly passed: readonly Passed[];
}

/** A service that repeats what it got, behind the proxy. */
async function openEcho(options: FaultProxyOptions = {}, path = ""): Promise<ProxiedService> {
  const passed: Passed[] = [];
  const server = createServer((request, response) => void receive(request, response));
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request;
    const body = Buffer.concat(await request.toArray());
    passed.push({ line: `${method} ${url}`, headers, body });
    response.writeHead(201, "Made", { "x-echo": ["one", "two"] }).end(body);
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const faults = await createFaultProxy(`http://127.0.0.1:${port}${path}`, options);
  return {
    faults,
    passed,
    async [Symbol.asyncDispose]() {
      await faults.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

function post(url: string, signal: AbortSignal | null = null): Promise<Response> {
  return fetch(url, { method: "POST", body: "hello", signal });
}

describe("without a fault", () => {
  test("a request and its answer pass as they are", async () => {
    await using service = await openEcho();
    const bytes = new Uint8Array(200_000).map((_, index) => index % 251);
    const response = await fetch(`${service.faults.url}/a%20b?c=%C3%A4&c=2`, {
      method: "PUT",
      headers: { "x-own": "1", host: "other.test" },
      body: bytes,
    });
    expect([response.status, response.statusText, response.headers.get("x-echo")]).toEqual([
      201,
      "Made",
      "one, two",
    ]);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    const [{ line, headers, body } = fail()] = service.passed;
    expect([line, headers["x-own"], new Uint8Array(body)]).toEqual(["PUT /a%20b?c=%C3%A4&c=2", "1", bytes]);
  });

  test("its URL has the path of the service's own", async () => {
    await using service = await openEcho({}, "/api/?v=1");
    expect(service.faults.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/\?v=1$/);
    await post(service.faults.url);
    expect(service.passed[0]?.line).toBe("POST /api/?v=1");
  });

  test("a service that is away ends the connection", async () => {
    await using faults = await createFaultProxy("http://127.0.0.1:1"); // nobody listens there
    await expect(post(faults.url)).rejects.toThrow("fetch failed");
  });
});

describe("the fault", () => {
  test("drop_before ends the connection, and the service gets nothing", async () => {
    await using service = await openEcho();
    service.faults.inject("drop_before");
    await expect(post(service.faults.url)).rejects.toThrow("fetch failed");
    expect(service.passed).toEqual([]);
  });

  test("drop_after ends the connection when the service has answered", async () => {
    await using service = await openEcho();
    service.faults.inject("drop_after");
    await expect(post(service.faults.url)).rejects.toThrow("fetch failed");
    expect(service.passed).toHaveLength(1);
  });

  test("slow holds the answer back until the client gives up", async () => {
    await using service = await openEcho();
    const fault = service.faults.inject("slow");
    const stop = new AbortController();
    const waiting = post(service.faults.url, stop.signal);
    await fault.struck;
    expect(service.passed).toHaveLength(1);
    stop.abort(new Error("Enough."));
    await expect(waiting).rejects.toThrow("Enough.");
  });

  test.each([
    [{ status: 429, retryAfterSeconds: 7 }, "7"],
    [{ status: 429 }, null],
    [{ status: 503 }, null],
  ])("%j is answered in the place of the service", async (fault, retryAfter) => {
    await using service = await openEcho();
    service.faults.inject(fault);
    const response = await post(service.faults.url);
    expect([response.status, response.headers.get("retry-after")]).toEqual([fault.status, retryAfter]);
    expect(service.passed).toEqual([]);
  });
});

describe("which request meets it:", () => {
  test("each fault meets one, in the order in which they were injected", async () => {
    await using service = await openEcho();
    service.faults.inject({ status: 503 });
    service.faults.inject({ status: 429 });
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await post(service.faults.url)).status);
    expect(statuses).toEqual([503, 429, 201]);
    expect([service.faults.seen(), service.faults.used()]).toEqual([3, 2]);
  });

  test("some may pass before", async () => {
    await using service = await openEcho();
    service.faults.inject({ status: 503 }, { skip: 1 });
    expect((await post(service.faults.url)).status).toBe(201);
    expect((await post(service.faults.url)).status).toBe(503);
  });

  test("by default not one that only reads", async () => {
    await using service = await openEcho();
    service.faults.inject({ status: 503 });
    expect((await fetch(service.faults.url)).status).toBe(201);
    expect([service.faults.seen(), service.faults.used()]).toEqual([0, 0]);
  });

  test("one that matches by method and path", async () => {
    await using service = await openEcho({
      match: ({ method, path }) => `${method} ${path}` === "POST /b?c",
    });
    service.faults.inject({ status: 503 });
    expect((await post(`${service.faults.url}/a`)).status).toBe(201);
    expect((await post(`${service.faults.url}/b?c`)).status).toBe(503);
    expect(service.faults.seen()).toBe(1);
  });
});

test("closing ends a connection that waits, and may be done twice", async () => {
  await using service = await openEcho();
  const fault = service.faults.inject("slow");
  const waiting = post(service.faults.url);
  await fault.struck;
  await Promise.all([
    service.faults.close(),
    service.faults.close(),
    expect(waiting).rejects.toThrow("fetch failed"),
  ]);
});

test("a service behind TLS is refused", async () => {
  await expect(createFaultProxy("https://example.com")).rejects.toThrow("plain http, not https:");
});

function fail(): never {
  throw new Error("The service got nothing.");
}
