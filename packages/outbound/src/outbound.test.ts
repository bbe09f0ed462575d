import { execFile } from "node:child_process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { silentLogger } from "@core/registry";
import type { LogFields } from "@core/registry";
import { describe, expect, test } from "vitest";
import { startHttpReceiver } from "../test/http-receiver.ts";
import { createOutbound } from "./outbound.ts";

const allow = ["127.0.0.0/8", "::1/128"];

describe("a request", () => {
  test("carries method, headers and bytes there, and status, headers and body back", async () => {
    await using receiver = await startHttpReceiver((_, response) => {
      response.writeHead(201, { "x-answer": ["a", "b"] }).end("grüß");
    });
    await using outbound = createOutbound({ allow });
    const body = new Uint8Array([0, 255, 254]);
    const url = `${receiver.url}/hook?a=1`;
    const response = await outbound.request({ method: "PUT", url, headers: { "x-question": "q" }, body });

    expect(receiver.requests).toMatchObject([
      { method: "PUT", path: "/hook?a=1", headers: { "x-question": "q" } },
    ]);
    expect(receiver.requests[0]?.body).toEqual(Buffer.from(body));
    expect(response).toMatchObject({ status: 201, truncated: false, headers: { "x-answer": "a, b" } });
    expect(response.text()).toBe("grüß");
  });

  test("goes to an IPv6 literal in brackets when that is allowed", async () => {
    await using receiver = await startHttpReceiver((_, response) => response.end("six"), "::1");
    await using outbound = createOutbound({ allow });
    expect((await outbound.request({ url: receiver.url })).text()).toBe("six");
  });

  test("tries the next address of a name when the first does not answer", async () => {
    await using receiver = await startHttpReceiver((_, response) => response.end("second"));
    const lookup = async () => ["127.0.0.9", "127.0.0.1"].map((address) => ({ address, family: 4 as const }));
    await using outbound = createOutbound({ allow, lookup });
    expect((await outbound.request({ url: `http://two.test:${receiver.port}/` })).text()).toBe("second");
  });

  test("takes the answer that follows an announcement", async () => {
    await using receiver = await startHttpReceiver((_, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload" }, () =>
        response.writeHead(202).end("done"),
      );
    });
    await using outbound = createOutbound({ allow });
    const response = await outbound.request({ url: receiver.url });
    expect([response.status, response.text()]).toEqual([202, "done"]);
  });

  test.each([301, 302, 303, 307, 308])("does not follow a %i", async (status) => {
    await using inside = await startHttpReceiver((_, response) => response.end());
    await using receiver = await startHttpReceiver((_, response) => {
      response.writeHead(status, { location: `${inside.url}/secret` }).end();
    });
    await using outbound = createOutbound({ allow });
    const response = await outbound.request({ method: "POST", url: receiver.url, body: "{}" });
    expect(response).toMatchObject({ status, headers: { location: `${inside.url}/secret` } });
    expect(inside.connections()).toBe(0);
  });

  test("is refused when it brings its own Host header", async () => {
    await using outbound = createOutbound({ allow });
    const refused = outbound.request({ url: "http://127.0.0.1/", headers: { Host: "inside.test" } });
    await expect(refused).rejects.toMatchObject({
      code: "OUTBOUND_REQUEST_INVALID",
      details: { sent: "no" },
    });
  });

  test("is refused when a header would break out of its line", async () => {
    await using receiver = await startHttpReceiver((_, response) => response.end());
    await using outbound = createOutbound({ allow });
    const refused = outbound.request({ url: receiver.url, headers: { "x-name": "a\r\nx-evil: b" } });
    await expect(refused).rejects.toMatchObject({
      code: "OUTBOUND_REQUEST_INVALID",
      details: { sent: "no" },
    });
    expect(receiver.requests).toEqual([]);
  });
});

describe("connections", () => {
  test("are kept for the next request", async () => {
    await using receiver = await startHttpReceiver((_, response) => response.end("x"));
    await using outbound = createOutbound({ allow });
    for (let count = 0; count < 5; count++) {
      await outbound.request({ url: receiver.url });
      // undici frees a connection one turn of the event loop after its answer.
      await nextTurn();
    }
    expect([receiver.requests.length, receiver.connections()]).toEqual([5, 1]);
  });

  test("never carry the rest of a cut answer into the next request", async () => {
    await using receiver = await startHttpReceiver((request, response) =>
      response.end(request.url?.padEnd(100, "x")),
    );
    await using outbound = createOutbound({ allow, maxResponseBytes: 6 });
    const first = await outbound.request({ url: `${receiver.url}/first` });
    const second = await outbound.request({ url: `${receiver.url}/other` });
    expect([first.text(), second.text(), receiver.requests.length]).toEqual(["/first", "/other", 2]);
  });

  test("go no detour through a proxy that the environment names", async () => {
    await using proxy = await startHttpReceiver((_, response) => response.end("proxy"));
    await using receiver = await startHttpReceiver((_, response) => response.end("direct"));
    const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"];
    const env = {
      ...process.env,
      ...Object.fromEntries(names.map((name) => [name, proxy.url])),
      NODE_USE_ENV_PROXY: "1",
      NO_PROXY: "",
      no_proxy: "",
    };
    const probe = fileURLToPath(new URL("../test/proxy-probe.ts", import.meta.url));
    const run = promisify(execFile)(process.execPath, ["--conditions=@core/source", probe, receiver.url], {
      env,
    });
    expect((await run).stdout).toBe("direct");
    expect(proxy.connections()).toBe(0);
  });
});

describe("closing", () => {
  test("waits for what is in flight and refuses what comes later", async () => {
    const arrived = Promise.withResolvers<() => void>();
    await using receiver = await startHttpReceiver((_, response) =>
      arrived.resolve(() => response.end("late")),
    );
    const outbound = createOutbound({ allow });
    const running = outbound.request({ url: receiver.url });
    const answer = await arrived.promise;
    const closed = outbound.close();
    await expect(outbound.request({ url: receiver.url })).rejects.toMatchObject({ code: "OUTBOUND_CLOSED" });
    answer();
    expect((await running).text()).toBe("late");
    await closed;
    await outbound.close();
  });
});

describe("a refusal", () => {
  test.each([
    "http://127.0.0.1:1/token",
    "http://[::1]:1/token",
    "http://0x7f.1:1/token",
    "http://localhost:1/token",
  ])("of %s is an error without the path, and is logged", async (url) => {
    const lines: LogFields[] = [];
    const logger = { ...silentLogger, warn: (fields: LogFields) => void lines.push(fields) };
    await using outbound = createOutbound({ logger });
    const error = await outbound.request({ url }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "OUTBOUND_ADDRESS_REFUSED",
      retryable: false,
      details: { sent: "no" },
    });
    expect(JSON.stringify([error, String(error), lines])).not.toContain("token");
    expect(lines).toHaveLength(1);
  });

  test("of a URL with credentials does not repeat them", async () => {
    await using outbound = createOutbound();
    const error = await outbound
      .request({ url: "https://user:hunter2@example.com/" })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "OUTBOUND_URL_INVALID", details: { url: "https://example.com/" } });
    expect(JSON.stringify([error, String(error)])).not.toContain("hunter2");
  });
});
