import { describe, expect, test } from "vitest";
import { createManualClock } from "@core/testing";
import { createOutboundDouble, scriptedError } from "../test/outbound-double.ts";
import type { ScriptedAnswer } from "../test/outbound-double.ts";
import { deliveryOutcome } from "./delivery-judgement.ts";
import type { DeliveryPolicy } from "./delivery-judgement.ts";
import { deliverJson } from "./json-delivery.ts";

const url = "https://example.com/hook";

async function judge(answer: ScriptedAnswer, policy: DeliveryPolicy, idempotent = true): Promise<unknown> {
  const outbound = createOutboundDouble([answer]);
  const attempt = await deliverJson(outbound, { url, body: "{}", clock: createManualClock() });
  expect(outbound.requests).toHaveLength(1);
  return deliveryOutcome(attempt, { policy, idempotent });
}

describe("a task's result", () => {
  test.each([200, 201, 202, 204, 299])("is delivered by %i", async (status) => {
    expect(await judge({ status, body: "ok" }, "task_result")).toEqual({
      status: "delivered",
      externalIds: [],
      answer: { status, body: "ok" },
    });
  });

  test.each([408, 429, 500, 502, 503, 504, 599])("is tried again after %i", async (status) => {
    expect(await judge({ status, body: "no" }, "task_result")).toEqual({
      status: "failed",
      failure: "retryable",
      code: `http_${status}`,
      message: `The receiver answered ${status}.`,
      answer: { status, body: "no" },
    });
  });

  test.each([400, 401, 403, 404, 409, 410, 413, 422])("will never arrive after %i", async (status) => {
    expect(await judge({ status }, "task_result")).toMatchObject({
      failure: "permanent",
      code: `http_${status}`,
    });
  });

  test.each([301, 302, 303, 304, 307, 308])("does not follow a %i, and says so", async (status) => {
    expect(await judge({ status }, "task_result")).toMatchObject({
      failure: "permanent",
      code: `http_${status}`,
      message: `The receiver answered ${status}. Redirects are not followed: use the final address as the target.`,
    });
  });
});

describe("a webhook event", () => {
  test.each([200, 204])("is delivered by %i", async (status) => {
    expect(await judge({ status }, "webhook_event")).toMatchObject({ status: "delivered" });
  });

  test.each([301, 400, 401, 404, 408, 422, 429, 500, 503])("is tried again after %i", async (status) => {
    expect(await judge({ status }, "webhook_event")).toMatchObject({
      failure: "retryable",
      code: `http_${status}`,
    });
  });

  test("ends with 410", async () => {
    expect(await judge({ status: 410 }, "webhook_event")).toMatchObject({
      failure: "permanent",
      code: "gone",
    });
  });
});

describe("without an answer", () => {
  test.each([
    ["OUTBOUND_TIMEOUT", "timeout"],
    ["OUTBOUND_NETWORK", "network_error"],
    ["OUTBOUND_ABORTED", "aborted"],
    ["OUTBOUND_CLOSED", "aborted"],
  ] as const)("%s is tried again as %s when the receiver drops duplicates", async (code, name) => {
    expect(await judge(scriptedError(code), "task_result")).toMatchObject({
      failure: "retryable",
      code: name,
    });
  });

  test("a lost answer is ambiguous when the receiver does not", async () => {
    const lost = scriptedError("OUTBOUND_TIMEOUT", { sent: "maybe" });
    expect(await judge(lost, "task_result", false)).toMatchObject({ failure: "ambiguous", code: "timeout" });
  });

  test("what was certainly not sent is tried again by all", async () => {
    const unsent = scriptedError("OUTBOUND_NETWORK", { sent: "no" });
    expect(await judge(unsent, "task_result", false)).toMatchObject({
      failure: "retryable",
      code: "network_error",
    });
  });

  test.each([
    ["OUTBOUND_ADDRESS_REFUSED", "address_refused"],
    ["OUTBOUND_URL_INVALID", "url_invalid"],
    ["OUTBOUND_REQUEST_INVALID", "request_invalid"],
  ] as const)("%s will never arrive: %s", async (code, name) => {
    expect(await judge(scriptedError(code), "webhook_event")).toMatchObject({
      failure: "permanent",
      code: name,
    });
  });
});

describe("Retry-After", () => {
  test.each([
    ["in seconds", "120", 120_000],
    ["as a date", "Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["of more than a day is cut to a day", "999999999", 86_400_000],
  ])("%s is passed on", async (_, header, retryAfterMs) => {
    const answer = { status: 503, headers: { "retry-after": header } };
    expect(await judge(answer, "task_result")).toMatchObject({ failure: "retryable", retryAfterMs });
  });

  test("that cannot be read is left out", async () => {
    const outcome = await judge({ status: 503, headers: { "retry-after": "soon" } }, "task_result");
    expect(outcome).not.toHaveProperty("retryAfterMs");
  });
});

describe("the kept answer", () => {
  const bodyOf = async (body: string): Promise<unknown> => judge({ status: 200, body }, "task_result");

  test("is its first 1,000 characters", async () => {
    expect(await bodyOf("x".repeat(5_000))).toMatchObject({ answer: { body: "x".repeat(1_000) } });
  });

  test("has no half characters and no NUL, which databases refuse", async () => {
    expect(await bodyOf(`${"x".repeat(999)}👋`)).toMatchObject({
      answer: { body: `${"x".repeat(999)}\uFFFD` },
    });
    expect(await bodyOf("a\0b")).toMatchObject({ answer: { body: "a\uFFFDb" } });
  });
});
