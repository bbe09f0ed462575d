import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { startHttpReceiver } from "../test/http-receiver.ts";
import type { HttpReceiver } from "../test/http-receiver.ts";
import { testCertificate, testKey } from "../test/tls-certificate.ts";
import { createTrustingGuard } from "./address-guard.ts";
import { createOutboundFetch } from "./outbound-fetch.ts";
import { createOutbound } from "./outbound.ts";
import { parseTrustedOrigins } from "./trusted-origin.ts";

const refusal = { code: "OUTBOUND_ADDRESS_REFUSED", details: { sent: "no" } };
const toLoopback = async () => [{ address: "127.0.0.1", family: 4 as const }];

function startInside(): Promise<HttpReceiver> {
  return startHttpReceiver((_, response) => response.end("inside"));
}

describe("a trusted origin", () => {
  test("is reached on loopback, and the port next to it is not", async () => {
    await using trusted = await startInside();
    await using other = await startInside();
    await using outbound = createOutbound({ trustedOrigins: [trusted.url] });
    const answer = await outbound.request({ url: `${trusted.url}/v1?a=1` });
    expect([answer.text(), trusted.requests[0]?.path]).toEqual(["inside", "/v1?a=1"]);
    await expect(outbound.request({ url: other.url })).rejects.toMatchObject(refusal);
    expect(other.connections()).toBe(0);
  });

  test("is reached by a name that resolves to a private address, and that name's other ports are not", async () => {
    await using trusted = await startInside();
    await using other = await startInside();
    const trustedOrigins = [`http://agent.test:${trusted.port}`];
    await using outbound = createOutbound({ trustedOrigins, lookup: toLoopback });
    expect((await outbound.request({ url: `http://agent.test:${trusted.port}/` })).text()).toBe("inside");
    await expect(outbound.request({ url: `http://agent.test:${other.port}/` })).rejects.toMatchObject(
      refusal,
    );
    expect(other.connections()).toBe(0);
  });

  test("is reached as localhost, and not by its address when only the name is trusted", async () => {
    await using trusted = await startInside();
    await using outbound = createOutbound({ trustedOrigins: [`http://localhost:${trusted.port}`] });
    expect((await outbound.request({ url: `http://LOCALHOST:${trusted.port}/` })).text()).toBe("inside");
    await expect(outbound.request({ url: trusted.url })).rejects.toMatchObject(refusal);
    expect(trusted.requests).toHaveLength(1);
  });

  test("is reached in every spelling of the same origin", async () => {
    await using trusted = await startInside();
    await using outbound = createOutbound({ trustedOrigins: [`HTTP://127.1:${trusted.port}/`] });
    const urls = [trusted.url, `http://0x7f000001:${trusted.port}`, new URL(trusted.url)];
    for (const url of urls) expect((await outbound.request({ url })).text()).toBe("inside");
  });

  test("is reached through the fetch of the same outbound", async () => {
    await using trusted = await startInside();
    await using outbound = createOutbound({ trustedOrigins: [trusted.url] });
    expect(await (await createOutboundFetch(outbound)(trusted.url)).text()).toBe("inside");
  });

  test("opens no other name for its address, and lends its connection to none", async () => {
    await using trusted = await startInside();
    await using outbound = createOutbound({ trustedOrigins: [trusted.url], lookup: toLoopback });
    await outbound.request({ url: trusted.url });
    const other = outbound.request({ url: `http://other.test:${trusted.port}/` });
    await expect(other).rejects.toMatchObject(refusal);
    expect([trusted.requests.length, trusted.connections()]).toEqual([1, 1]);
  });

  test.each([
    "http://trusted.test@127.0.0.1",
    "http://127.0.0.1\\@trusted.test",
    "http://trusted.test.inside.test",
  ])("is not what %s leads to", async (prefix) => {
    await using inside = await startInside();
    const trustedOrigins = [`http://trusted.test:${inside.port}`];
    await using outbound = createOutbound({ trustedOrigins, lookup: toLoopback });
    await expect(outbound.request({ url: `${prefix}:${inside.port}/` })).rejects.toMatchObject({
      details: { sent: "no" },
    });
    expect(inside.connections()).toBe(0);
  });

  test("that redirects leads nowhere else", async () => {
    await using inside = await startInside();
    await using trusted = await startHttpReceiver((_, response) =>
      response.writeHead(307, { location: inside.url }).end(),
    );
    await using outbound = createOutbound({ trustedOrigins: [trusted.url] });
    expect((await outbound.request({ url: trusted.url })).status).toBe(307);
    expect(inside.connections()).toBe(0);
  });

  test("changes nothing in how the guard judges what callers write", async () => {
    const trustedOrigins = ["http://127.0.0.1:4003", "http://localhost:4003", "http://agent.test:4003"];
    await using outbound = createOutbound({ trustedOrigins, lookup: toLoopback });
    for (const url of trustedOrigins)
      await expect(outbound.guard.checkUrl(url)).rejects.toMatchObject(refusal);
    expect(outbound.guard.literalIssue("http://127.0.0.1:4003/")).toContain("loopback");
    expect(outbound.guard.literalIssue("http://localhost:4003/")).toContain("loopback");
    expect(outbound.guard.refusal("127.0.0.1")).toBe("loopback");
  });

  test("waits for its answer when the outbound closes", async () => {
    const arrived = Promise.withResolvers<() => void>();
    await using trusted = await startHttpReceiver((_, response) =>
      arrived.resolve(() => response.end("late")),
    );
    const outbound = createOutbound({ trustedOrigins: [trusted.url] });
    const running = outbound.request({ url: trusted.url });
    const answer = await arrived.promise;
    const closed = outbound.close();
    answer();
    expect((await running).text()).toBe("late");
    await closed;
  });
});

test("trust covers the scheme, and the certificate is checked all the same", async () => {
  await using server = createServer({ cert: testCertificate, key: testKey }, (_, response) =>
    response.end("tls"),
  );
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const trustedOrigins = ["receiver", "other"].map((name) => `https://${name}.test:${port}`);
  await using outbound = createOutbound({ trustedOrigins, lookup: toLoopback, ca: testCertificate });

  expect((await outbound.request({ url: `https://receiver.test:${port}/` })).text()).toBe("tls");
  await expect(outbound.request({ url: `https://other.test:${port}/` })).rejects.toMatchObject({
    details: { network_code: "ERR_TLS_CERT_ALTNAME_INVALID", sent: "no" },
  });
  await expect(outbound.request({ url: `http://receiver.test:${port}/` })).rejects.toMatchObject(refusal);
});

test("the guard of trusted origins takes an address of one network interface too", async () => {
  const addresses = [
    { address: "fe80::1%en0", family: 6 as const },
    { address: "192.168.1.5", family: 4 as const },
  ];
  const guard = createTrustingGuard({ lookup: async () => addresses });
  expect(await guard.checkHost("printer.test")).toEqual(addresses);
});

describe("trusted origins", () => {
  test("are kept as URLs spell them", () => {
    const origins = ["HTTPS://Example.COM:443", " http://[::0001]:80/ ", "http://localhost:4003"];
    expect([...parseTrustedOrigins(origins)]).toEqual([
      "https://example.com",
      "http://[::1]",
      "http://localhost:4003",
    ]);
  });

  test.each([
    ["", ""],
    ["127.0.0.1:4003", "127.0.0.1:4003"],
    ["localhost:4003", "localhost:4003"],
    ["10.0.0.0/8", "10.0.0.0/…"],
    ["http://", "http://"],
    ["http://a.test:99999", "http://a.test:99999"],
    ["ftp://a.test", "ftp://a.test"],
    ["file:///a", "file:///a"],
    ["null", "null"],
    ["*", "*"],
    ["http://*", "http://*"],
    ["https://*.a.test", "https://*.a.test"],
    ["http://a.test/v1/token", "http://a.test/…"],
    ["http://a.test?key=token", "http://a.test/…"],
    ["http://a.test/#", "http://a.test/…"],
    ["http://a.test,http://b.test", "http://a.test,http://b.test"],
    ["http://me:token@a.test", "…@a.test"],
    ["http://me:token/@a.test:1", "…@a.test:1"],
  ])("%j is refused at once, by name and without its secrets", (text, named) => {
    expect(() => createOutbound({ trustedOrigins: ["http://a.test", text] })).toThrow(
      expect.objectContaining({
        code: "OUTBOUND_URL_INVALID",
        message: `The trusted origin "${named}" is not scheme, host and port alone. Write it like http://127.0.0.1:4003.`,
        details: { origin: named, sent: "no" },
      }),
    );
  });
});
