import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { startHttpReceiver } from "../test/http-receiver.ts";
import { createManualClock } from "@core/testing";
import { createOutbound } from "./outbound.ts";

const allow = ["127.0.0.0/8"];

describe("the cap", () => {
  test.each([
    [64 * 1024, false],
    [64 * 1024 + 1, true],
  ])("lets 64 KiB through: %i bytes are cut: %s", async (size, truncated) => {
    await using receiver = await startHttpReceiver((_, response) => response.end(Buffer.alloc(size)));
    await using outbound = createOutbound({ allow });
    const response = await outbound.request({ url: receiver.url });
    expect([response.body.length, response.truncated]).toEqual([64 * 1024, truncated]);
  });

  test("ends an endless answer and hangs up", async () => {
    const hungUp = Promise.withResolvers<void>();
    await using receiver = await startHttpReceiver((_, response) => {
      response.on("close", () => hungUp.resolve());
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384, "x")));
        response.once("drain", pour);
      };
      pour();
    });
    await using outbound = createOutbound({ allow });
    const response = await outbound.request({ url: receiver.url, maxResponseBytes: 1_000 });
    expect(response).toMatchObject({ status: 200, truncated: true, body: Buffer.alloc(1_000, "x") });
    await hungUp.promise;
  });
});

describe("the deadline", () => {
  test("covers a body that drips", async () => {
    const clock = createManualClock();
    await using receiver = await startHttpReceiver((_, response) => {
      response.write("drip", () => setImmediate(() => response.write("drop", () => clock.advance(15_000))));
    });
    await using outbound = createOutbound({ allow, clock });
    const failed = outbound.request({ url: `${receiver.url}/secret` });
    await expect(failed).rejects.toMatchObject({
      code: "OUTBOUND_TIMEOUT",
      retryable: true,
      message: `${receiver.url}/… did not answer completely within 15000 ms.`,
      details: { sent: "maybe" },
    });
  });

  test("ends a request whose receiver never answers", async () => {
    const clock = createManualClock();
    await using receiver = await startHttpReceiver(() => clock.advance(500));
    await using outbound = createOutbound({ allow, clock });
    const failed = outbound.request({ url: receiver.url, timeoutMs: 500 });
    await expect(failed).rejects.toMatchObject({
      code: "OUTBOUND_TIMEOUT",
      details: { sent: "maybe", timeout_ms: 500 },
    });
  });

  test("ends a request whose name is never resolved, and nothing is sent later", async () => {
    const clock = createManualClock();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<readonly { address: string; family: 4 }[]>();
    await using receiver = await startHttpReceiver((_, response) => response.end());
    await using outbound = createOutbound({
      allow,
      clock,
      lookup: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    const failed = outbound.request({ url: `http://slow.test:${receiver.port}/` });
    await asked.promise;
    clock.advance(15_000);
    await expect(failed).rejects.toMatchObject({ code: "OUTBOUND_TIMEOUT", details: { sent: "no" } });

    answer.resolve([{ address: "127.0.0.1", family: 4 }]);
    await outbound.request({ url: `http://slow.test:${receiver.port}/second` });
    expect(receiver.requests.map(({ path }) => path)).toEqual(["/second"]);
  });

  test("leaves no timer behind", async () => {
    const clock = createManualClock();
    await using receiver = await startHttpReceiver((_, response) => response.end());
    await using outbound = createOutbound({ allow, clock });
    await outbound.request({ url: receiver.url });
    expect(clock.pending()).toBe(0);
  });
});

describe("a failure tells whether the request may have arrived", () => {
  test("a refused connection sent nothing", async () => {
    const receiver = await startHttpReceiver((_, response) => response.end());
    await receiver[Symbol.asyncDispose]();
    await using outbound = createOutbound({ allow });
    await expect(outbound.request({ url: receiver.url })).rejects.toMatchObject({
      code: "OUTBOUND_NETWORK",
      retryable: true,
      details: { network_code: "ECONNREFUSED", sent: "no" },
    });
  });

  test("so did several refused addresses of one name", async () => {
    const receiver = await startHttpReceiver((_, response) => response.end());
    await receiver[Symbol.asyncDispose]();
    const lookup = async () => ["127.0.0.8", "127.0.0.9"].map((address) => ({ address, family: 4 as const }));
    await using outbound = createOutbound({ allow, lookup });
    await expect(outbound.request({ url: `http://two.test:${receiver.port}/` })).rejects.toMatchObject({
      details: { network_code: "ECONNREFUSED", sent: "no" },
    });
  });

  test("a connection that is reset before the answer may have", async () => {
    await using receiver = await startHttpReceiver((request) => request.socket.resetAndDestroy());
    await using outbound = createOutbound({ allow });
    await expect(outbound.request({ method: "POST", url: receiver.url, body: "{}" })).rejects.toMatchObject({
      code: "OUTBOUND_NETWORK",
      retryable: true,
      details: { sent: "maybe" },
    });
  });

  test("so may one that is reset in the middle of it, and the status is told", async () => {
    await using receiver = await startHttpReceiver((request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => setImmediate(() => request.socket.resetAndDestroy()));
    });
    await using outbound = createOutbound({ allow });
    await expect(outbound.request({ url: receiver.url })).rejects.toMatchObject({
      code: "OUTBOUND_NETWORK",
      details: { sent: "maybe", status: 200 },
    });
  });

  test("and so may one that is answered with something other than HTTP", async () => {
    const server = createServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await using outbound = createOutbound({ allow });
    const failed = outbound.request({ url: `http://127.0.0.1:${port}/` });
    await expect(failed).rejects.toMatchObject({
      code: "OUTBOUND_NETWORK",
      retryable: false,
      details: { sent: "maybe" },
    });
    server.close();
  });
});

describe("an abort", () => {
  test("before the request sends nothing", async () => {
    await using receiver = await startHttpReceiver((_, response) => response.end());
    await using outbound = createOutbound({ allow });
    const failed = outbound.request({ url: receiver.url, signal: AbortSignal.abort() });
    await expect(failed).rejects.toMatchObject({
      code: "OUTBOUND_ABORTED",
      retryable: false,
      details: { sent: "no" },
    });
    expect(receiver.connections()).toBe(0);
  });

  test("during the answer hangs up and keeps its reason", async () => {
    const controller = new AbortController();
    const hungUp = Promise.withResolvers<void>();
    await using receiver = await startHttpReceiver((request) => {
      request.socket.on("close", () => hungUp.resolve());
      controller.abort("enough");
    });
    await using outbound = createOutbound({ allow });
    const failed = outbound.request({ url: receiver.url, signal: controller.signal });
    await expect(failed).rejects.toMatchObject({
      code: "OUTBOUND_ABORTED",
      cause: "enough",
      details: { sent: "maybe" },
    });
    await hungUp.promise;
  });
});
