import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { request } from "undici";
import { describe, expect, test } from "vitest";
import { startDnsServer } from "../test/dns-server.ts";
import { startHttpReceiver } from "../test/http-receiver.ts";
import { testCertificate, testKey } from "../test/tls-certificate.ts";
import { createAddressGuard } from "./address-guard.ts";
import { createGuardedAgent } from "./guarded-agent.ts";
import { createOutbound } from "./outbound.ts";

// 127.0.0.2 plays the public receiver: it alone is allowed. 127.0.0.1 is the inside.
const allow = ["127.0.0.2/32"];

describe("a name whose answer changes", () => {
  test("between check and connect leads to nothing inside", async () => {
    await using inside = await startHttpReceiver((_, response) => response.end("secret"));
    await using dns = await startDnsServer([["8.8.8.8"], ["127.0.0.1"]]);
    await using outbound = createOutbound({ lookup: dns.lookup });
    const url = `http://rebind.test:${inside.port}/`;

    await expect(outbound.guard.checkUrl(url)).resolves.toEqual([{ address: "8.8.8.8", family: 4 }]);
    await expect(outbound.request({ url })).rejects.toMatchObject({
      code: "OUTBOUND_ADDRESS_REFUSED",
      details: { host: "rebind.test", address: "127.0.0.1", sent: "no" },
    });
    expect(inside.connections()).toBe(0);
  });

  test("is asked for once, and the checked address is the one that is connected", async () => {
    await using inside = await startHttpReceiver((_, response) => response.end("secret"));
    await using receiver = await startHttpReceiver(
      (_, response) => response.end("public"),
      "127.0.0.2",
      inside.port,
    );
    await using dns = await startDnsServer([["127.0.0.2"], ["127.0.0.1"]]);
    await using outbound = createOutbound({ allow, lookup: dns.lookup });

    const response = await outbound.request({ url: `http://rebind.test:${inside.port}/` });
    expect([response.text(), dns.questions()]).toEqual(["public", 1]);
    expect([receiver.connections(), inside.connections()]).toEqual([1, 0]);
  });

  test("does not move a kept connection, and is checked again for a new one", async () => {
    await using inside = await startHttpReceiver((_, response) => response.end("secret"));
    await using receiver = await startHttpReceiver(
      (received, response) =>
        response.setHeader("connection", received.url === "/last" ? "close" : "keep-alive").end("public"),
      "127.0.0.2",
      inside.port,
    );
    await using dns = await startDnsServer([["127.0.0.2"], ["127.0.0.1"]]);
    await using outbound = createOutbound({ allow, lookup: dns.lookup });
    const origin = `http://rebind.test:${inside.port}`;

    for (const path of ["/first", "/last"]) {
      expect((await outbound.request({ url: origin + path })).text()).toBe("public");
      await nextTurn();
    }
    expect([dns.questions(), receiver.connections()]).toEqual([1, 1]);
    await expect(outbound.request({ url: `${origin}/moved` })).rejects.toMatchObject({
      code: "OUTBOUND_ADDRESS_REFUSED",
    });
    expect([dns.questions(), inside.connections()]).toEqual([2, 0]);
  });

  test("is refused when only some of its addresses are public", async () => {
    await using inside = await startHttpReceiver((_, response) => response.end("secret"));
    await using dns = await startDnsServer([["127.0.0.2", "127.0.0.1"]]);
    await using outbound = createOutbound({ allow, lookup: dns.lookup });
    const refused = outbound.request({ url: `http://mixed.test:${inside.port}/` });
    await expect(refused).rejects.toMatchObject({
      code: "OUTBOUND_ADDRESS_REFUSED",
      details: { address: "127.0.0.1" },
    });
    expect(inside.connections()).toBe(0);
  });
});

test("a literal that reaches the agent unchecked is hung up on before a byte is sent", async () => {
  await using inside = await startHttpReceiver((_, response) => response.end("secret"));
  const agent = createGuardedAgent(createAddressGuard(), { connectTimeoutMs: 1_000, keepAliveMs: 1_000 });
  await expect(request(inside.url, { dispatcher: agent })).rejects.toMatchObject({
    code: "OUTBOUND_ADDRESS_REFUSED",
  });
  expect(inside.requests).toEqual([]);
  await agent.destroy();
});

describe("TLS", () => {
  async function startTls(options: { minVersion?: "TLSv1"; maxVersion?: "TLSv1.1" } = {}) {
    const server = createServer(
      { cert: testCertificate, key: testKey, ciphers: "DEFAULT@SECLEVEL=0", ...options },
      (_, response) => response.end("private"),
    );
    server.listen(0, "127.0.0.2");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { port, [Symbol.dispose]: () => void server.close() };
  }
  const lookup = async () => [{ address: "127.0.0.2", family: 4 as const }];

  test("is checked against the name, while the address stays pinned", async () => {
    using server = await startTls();
    await using outbound = createOutbound({ allow, lookup, ca: testCertificate });
    expect((await outbound.request({ url: `https://receiver.test:${server.port}/` })).text()).toBe("private");
    await expect(outbound.request({ url: `https://other.test:${server.port}/` })).rejects.toMatchObject({
      code: "OUTBOUND_NETWORK",
      retryable: false,
      details: { network_code: "ERR_TLS_CERT_ALTNAME_INVALID", sent: "no" },
    });
  });

  test("with an unknown certificate fails, and nothing is sent", async () => {
    using server = await startTls();
    await using outbound = createOutbound({ allow, lookup });
    await expect(outbound.request({ url: `https://receiver.test:${server.port}/` })).rejects.toMatchObject({
      details: { network_code: "DEPTH_ZERO_SELF_SIGNED_CERT", sent: "no" },
    });
  });

  test("older than 1.2 is not spoken", async () => {
    using server = await startTls({ minVersion: "TLSv1", maxVersion: "TLSv1.1" });
    await using outbound = createOutbound({ allow, lookup, ca: testCertificate });
    await expect(outbound.request({ url: `https://receiver.test:${server.port}/` })).rejects.toMatchObject({
      code: "OUTBOUND_NETWORK",
      details: {
        network_code: expect.stringMatching(/ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/),
        sent: "no",
      },
    });
  });
});
