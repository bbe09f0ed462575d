import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { startHttpReceiver } from "../test/http-receiver.ts";
import { createOutboundDouble } from "../test/outbound-double.ts";
import { createOutboundFetch } from "./outbound-fetch.ts";
import { createOutbound } from "./outbound.ts";

const allow = ["127.0.0.0/8"];

test("it takes what fetch takes and gives what fetch gives", async () => {
  await using receiver = await startHttpReceiver((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
  });
  await using outbound = createOutbound({ allow });
  const guardedFetch = createOutboundFetch(outbound);
  const response = await guardedFetch(new URL(receiver.url), {
    method: "POST",
    body: "hi",
    headers: { "x-a": "b" },
  });

  expect(await response.json()).toEqual({ ok: true });
  expect(receiver.requests[0]?.headers).toMatchObject({ "x-a": "b", "content-length": "2" });
  expect((await guardedFetch(new Request(receiver.url))).ok).toBe(true);
});

test.each([204, 304])("a %i has no body", async (status) => {
  await using receiver = await startHttpReceiver((_, response) => response.writeHead(status).end());
  await using outbound = createOutbound({ allow });
  const response = await createOutboundFetch(outbound)(receiver.url);
  expect([response.status, response.body]).toEqual([status, null]);
});

test("a stream is sent as it comes, with the length that its caller states", async () => {
  await using receiver = await startHttpReceiver((_, response) => response.end());
  await using outbound = createOutbound({ allow });
  const pieces = Array.from({ length: 300 }, (_, index) => new Uint8Array(10_000).fill(index));
  let asked = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces[asked];
      asked += 1;
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
  const headers = { "content-length": "3000000" };
  await createOutboundFetch(outbound)(receiver.url, { method: "POST", body, headers, duplex: "half" });
  expect(receiver.requests[0]?.headers).toMatchObject(headers);
  expect(receiver.requests[0]?.body.equals(Buffer.concat(pieces))).toBe(true);
});

test("no more of a stream is read than the receiver takes", async () => {
  const total = 64;
  let asked = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      asked += 1;
      if (asked > total) controller.close();
      else controller.enqueue(new Uint8Array(1_000_000));
    },
  });
  let askedAtFirst = 0;
  const server = createServer((request, response) => {
    request.once("data", () => (askedAtFirst = asked));
    request.on("data", () => {}).on("end", () => response.end());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  await using outbound = createOutbound({ allow });
  const { port } = server.address() as AddressInfo;
  const sent = { method: "POST", body, duplex: "half" } as const;
  expect((await createOutboundFetch(outbound)(`http://127.0.0.1:${port}`, sent)).status).toBe(200);
  server.close();
  expect(askedAtFirst).toBeGreaterThan(0);
  expect(askedAtFirst).toBeLessThan(total);
});

test("a stream that breaks, or is longer than was said, fails the request", async () => {
  await using receiver = await startHttpReceiver((_, response) => response.end());
  await using outbound = createOutbound({ allow });
  const post = (body: ReadableStream<Uint8Array>): Promise<Response> =>
    createOutboundFetch(outbound)(receiver.url, {
      method: "POST",
      body,
      headers: { "content-length": "5" },
      duplex: "half",
    });
  const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("no")) });
  await expect(post(broken)).rejects.toMatchObject({ code: "OUTBOUND_NETWORK" });
  const long = new Blob(["123456"]).stream();
  await expect(post(long)).rejects.toMatchObject({ code: "OUTBOUND_NETWORK" });
  expect(receiver.requests).toEqual([]);
});

test("an answer beyond the cap is refused, or cut when asked", async () => {
  await using receiver = await startHttpReceiver((_, response) => response.end("x".repeat(11)));
  await using outbound = createOutbound({ allow });
  const limits = { maxResponseBytes: 10 };
  await expect(createOutboundFetch(outbound, limits)(receiver.url)).rejects.toMatchObject({
    code: "OUTBOUND_RESPONSE_TOO_LARGE",
  });
  const cut = await createOutboundFetch(outbound, { ...limits, oversize: "cut" })(receiver.url);
  expect(await cut.text()).toBe("x".repeat(10));
});

test("an inside address is refused", async () => {
  await using outbound = createOutbound();
  const refused = createOutboundFetch(outbound)("http://169.254.169.254/latest/meta-data/");
  await expect(refused).rejects.toMatchObject({ code: "OUTBOUND_ADDRESS_REFUSED" });
});

test("a status that HTTP does not know is an error", async () => {
  const fetchOddly = createOutboundFetch(createOutboundDouble([{ status: 999 }]));
  await expect(fetchOddly("https://example.com/")).rejects.toMatchObject({ details: { status: 999 } });
});

test("a method that is not supported is refused", async () => {
  const outbound = createOutboundDouble([{ status: 200 }]);
  const refused = createOutboundFetch(outbound)("https://example.com/", { method: "PROPFIND" });
  await expect(refused).rejects.toMatchObject({ code: "OUTBOUND_REQUEST_INVALID" });
  expect(outbound.requests).toEqual([]);
});
