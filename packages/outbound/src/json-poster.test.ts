import { describe, expect, test } from "vitest";
import { startHttpReceiver } from "../test/http-receiver.ts";
import { createManualClock } from "@core/testing";
import { createOutboundDouble, scriptedError } from "../test/outbound-double.ts";
import type { ScriptedAnswer } from "../test/outbound-double.ts";
import { postJson } from "./json-poster.ts";
import type { PostJsonOptions } from "./json-poster.ts";
import { createOutbound } from "./outbound.ts";

const url = "https://example.com/hook";
const timeout = scriptedError("OUTBOUND_TIMEOUT", { retryable: true });
const reset = scriptedError("OUTBOUND_NETWORK", { retryable: true });

/** Posts with time that passes only while the poster sleeps. */
async function post(answers: readonly ScriptedAnswer[], options: PostJsonOptions = {}) {
  const outbound = createOutboundDouble(answers);
  const clock = createManualClock();
  const slept: number[] = [];
  const sleep = async (delayMs: number): Promise<void> => {
    slept.push(delayMs);
    clock.advance(delayMs);
  };
  const outcome = await postJson(
    outbound,
    url,
    { n: 1 },
    { clock, sleep, random: () => 0.999_999, ...options },
  ).catch((error: unknown) => error);
  return { outcome, slept, requests: outbound.requests };
}

describe("an answer", () => {
  test("of the first attempt needs no other", async () => {
    const { outcome, slept, requests } = await post([{ status: 200, body: "ok" }]);
    expect(outcome).toEqual({ status: 200, body: "ok", attempts: 1 });
    expect(slept).toEqual([]);
    expect(requests).toMatchObject([
      { method: "POST", url, headers: { "content-type": "application/json" } },
    ]);
  });

  test.each([408, 429, 500, 502, 503, 504, 599])("%i is tried again", async (status) => {
    const { outcome, slept } = await post([{ status }, { status }, { status: 204 }]);
    expect(outcome).toEqual({ status: 204, body: "", attempts: 3 });
    expect(slept).toEqual([100, 200]);
  });

  test.each([301, 302, 307, 400, 401, 403, 404, 409, 410, 413, 418, 422, 499])(
    "%i is final",
    async (status) => {
      const { outcome, slept } = await post([{ status, body: "no" }]);
      expect(outcome).toEqual({ status, body: "no", attempts: 1 });
      expect(slept).toEqual([]);
    },
  );

  test("that stays a failure is returned after the last attempt", async () => {
    const { outcome, slept } = await post([{ status: 503, body: "busy" }]);
    expect(outcome).toEqual({ status: 503, body: "busy", attempts: 4 });
    expect(slept).toEqual([100, 200, 400]);
  });

  test("is all there is without retries", async () => {
    expect((await post([{ status: 503 }], { retries: 0 })).outcome).toMatchObject({
      status: 503,
      attempts: 1,
    });
  });
});

describe("an error", () => {
  test.each([
    ["a timeout", timeout],
    ["a passing network error", reset],
  ])("%s is tried again", async (_, error) => {
    const { outcome, slept } = await post([error, error, { status: 200 }]);
    expect(outcome).toMatchObject({ status: 200, attempts: 3 });
    expect(slept).toEqual([100, 200]);
  });

  test.each(["OUTBOUND_ADDRESS_REFUSED", "OUTBOUND_NETWORK", "OUTBOUND_ABORTED", "OUTBOUND_CLOSED"] as const)(
    "%s that will not pass is final",
    async (code) => {
      const { outcome, slept } = await post([scriptedError(code)]);
      expect(outcome).toMatchObject({ name: "OutboundError", code, details: { attempts: 1 } });
      expect(slept).toEqual([]);
    },
  );

  test("of the last attempt is thrown, with the number of attempts", async () => {
    const { outcome } = await post([{ status: 503 }, reset], { retries: 1 });
    expect(outcome).toMatchObject({ code: "OUTBOUND_NETWORK", details: { attempts: 2, sent: "maybe" } });
  });
});

describe("Retry-After", () => {
  test.each([
    ["in seconds", "7"],
    ["as a date", "Thu, 01 Jan 2026 00:00:07 GMT"],
  ])("%s is waited for", async (_, header) => {
    const { slept } = await post([{ status: 429, headers: { "retry-after": header } }, { status: 200 }]);
    expect(slept).toEqual([7_000]);
  });

  test("beyond the budget ends the attempts at once", async () => {
    const answer = { status: 429, headers: { "retry-after": "3600" }, body: "later" };
    const { outcome, slept } = await post([answer]);
    expect(outcome).toEqual({ status: 429, body: "later", attempts: 1 });
    expect(slept).toEqual([]);
  });
});

describe("a judge of answers", () => {
  test("ends the attempts after a status that would be tried again", async () => {
    const { outcome } = await post([{ status: 503, body: "gone for good" }], {
      judge: ({ body }) => ({ retryable: body !== "gone for good" }),
    });
    expect(outcome).toMatchObject({ status: 503, attempts: 1 });
  });

  test("asks for another attempt after a status that would be final", async () => {
    const answers = [{ status: 200, body: "busy" }, { status: 200 }];
    const { outcome, slept } = await post(answers, { judge: ({ body }) => ({ retryable: body === "busy" }) });
    expect(outcome).toMatchObject({ status: 200, body: "", attempts: 2 });
    expect(slept).toEqual([100]);
  });

  test("reads the wait from the body, and it goes before the header's", async () => {
    const answers = [{ status: 429, headers: { "retry-after": "7" }, body: "1500" }, { status: 200 }];
    const { slept } = await post(answers, {
      judge: ({ body }) => (body === "" ? {} : { retryAfterMs: Number(body) }),
    });
    expect(slept).toEqual([1_500]);
  });

  test("leaves to status and header what it says nothing of", async () => {
    const answers = [{ status: 429, headers: { "retry-after": "7" } }, { status: 404 }];
    const { outcome, slept } = await post(answers, { judge: () => ({}) });
    expect(slept).toEqual([7_000]);
    expect(outcome).toMatchObject({ status: 404, attempts: 2 });
  });
});

describe("the budget", () => {
  test("covers all attempts and waits", async () => {
    const { outcome, slept } = await post([{ status: 503 }], { retries: 100, budgetMs: 1_000 });
    expect(slept).toEqual([100, 200, 400]);
    expect(outcome).toMatchObject({ status: 503, attempts: 4 });
  });

  test("shortens the last attempt's deadline", async () => {
    const { requests } = await post([{ status: 503 }], { retries: 2, budgetMs: 1_000, timeoutMs: 900 });
    expect(requests.map(({ timeoutMs }) => timeoutMs)).toEqual([900, 900, 700]);
  });
});

describe("an abort", () => {
  test("ends a wait", async () => {
    const controller = new AbortController();
    const outbound = createOutboundDouble([{ status: 503 }]);
    const sleep = async (): Promise<void> => controller.abort(new Error("stop"));
    const posted = postJson(outbound, url, {}, { sleep, signal: controller.signal });
    await expect(posted).rejects.toMatchObject({ code: "OUTBOUND_ABORTED", details: { attempts: 1 } });
    expect(outbound.requests).toHaveLength(1);
  });

  test("ends the machine's own sleep too", async () => {
    const controller = new AbortController();
    const outbound = createOutboundDouble([{ status: 429, headers: { "retry-after": "30" } }]);
    const posted = postJson(outbound, url, {}, { signal: controller.signal });
    setTimeout(() => controller.abort(), 10);
    await expect(posted).rejects.toMatchObject({ code: "OUTBOUND_ABORTED" });
  });

  test("beforehand sends nothing", async () => {
    await using receiver = await startHttpReceiver((_, response) => response.end());
    await using outbound = createOutbound({ allow: ["127.0.0.0/8"] });
    const posted = postJson(outbound, receiver.url, {}, { signal: AbortSignal.abort() });
    await expect(posted).rejects.toMatchObject({ code: "OUTBOUND_ABORTED", details: { sent: "no" } });
    expect(receiver.connections()).toBe(0);
  });

  test("during an attempt is final", async () => {
    const controller = new AbortController();
    await using receiver = await startHttpReceiver(() => controller.abort());
    await using outbound = createOutbound({ allow: ["127.0.0.0/8"] });
    const posted = postJson(outbound, receiver.url, {}, { signal: controller.signal });
    await expect(posted).rejects.toMatchObject({
      code: "OUTBOUND_ABORTED",
      details: { attempts: 1, sent: "maybe" },
    });
    expect(receiver.requests).toHaveLength(1);
  });
});

describe("over a real network", () => {
  const allow = ["127.0.0.0/8"];
  const sleep = async (): Promise<void> => {};

  test("every attempt has the same bytes and headers", async () => {
    let count = 0;
    await using receiver = await startHttpReceiver((_, response) =>
      response.writeHead(count++ < 2 ? 503 : 200).end("ok"),
    );
    await using outbound = createOutbound({ allow });
    const value = { text: "grüß 👋", at: new Date(0), nested: [1, null] };
    const result = await postJson(outbound, receiver.url, value, { sleep, headers: { "x-signature": "s" } });

    expect(result).toEqual({ status: 200, body: "ok", attempts: 3 });
    const [first, ...others] = receiver.requests;
    expect(first?.body.toString()).toBe(JSON.stringify(value));
    expect(first?.headers).toMatchObject({ "content-type": "application/json", "x-signature": "s" });
    for (const other of others) expect(other).toEqual(first);
  });

  test("a connection that is reset is tried again", async () => {
    let count = 0;
    await using receiver = await startHttpReceiver((request, response) => {
      if (count++ === 0) request.socket.resetAndDestroy();
      else response.end("ok");
    });
    await using outbound = createOutbound({ allow });
    expect(await postJson(outbound, receiver.url, {}, { sleep })).toEqual({
      status: 200,
      body: "ok",
      attempts: 2,
    });
  });

  test("a port where nobody listens is tried again", async () => {
    const receiver = await startHttpReceiver((_, response) => response.end());
    await receiver[Symbol.asyncDispose]();
    await using outbound = createOutbound({ allow });
    await expect(postJson(outbound, receiver.url, {}, { sleep })).rejects.toMatchObject({
      code: "OUTBOUND_NETWORK",
      details: { network_code: "ECONNREFUSED", sent: "no", attempts: 4 },
    });
  });

  test("a long answer is cut and a redirect is not followed", async () => {
    await using receiver = await startHttpReceiver((_, response) => {
      response.writeHead(302, { location: "/elsewhere" }).end("x".repeat(100));
    });
    await using outbound = createOutbound({ allow });
    const result = await postJson(outbound, receiver.url, {}, { maxResponseBytes: 10 });
    expect(result).toEqual({ status: 302, body: "x".repeat(10), attempts: 1 });
    expect(receiver.requests).toHaveLength(1);
  });

  test("an inside address is refused once", async () => {
    await using receiver = await startHttpReceiver((_, response) => response.end());
    await using outbound = createOutbound();
    const posted = postJson(outbound, receiver.url, {}, { sleep });
    await expect(posted).rejects.toMatchObject({
      code: "OUTBOUND_ADDRESS_REFUSED",
      details: { attempts: 1 },
    });
    expect(receiver.connections()).toBe(0);
  });
});

test("a value that JSON cannot write is refused before anything is sent", async () => {
  const outbound = createOutboundDouble([{ status: 200 }]);
  await expect(postJson(outbound, url, undefined)).rejects.toMatchObject({
    code: "OUTBOUND_REQUEST_INVALID",
  });
  await expect(postJson(outbound, "nowhere", {})).rejects.toMatchObject({ code: "OUTBOUND_URL_INVALID" });
  expect(outbound.requests).toEqual([]);
});
