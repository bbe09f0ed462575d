import { createOutbound } from "@core/outbound";
import { describe, expect, test } from "vitest";
import { openNotificationLab } from "../../test/notification-lab.ts";
import { startService } from "../../test/service-receiver.ts";
import type { ServiceAnswer } from "../../test/service-receiver.ts";
import type { NotificationOptions } from "./notifications.ts";

/** Sends to a service that answers so, and tells how it went. */
async function send(
  answers: ServiceAnswer | readonly ServiceAnswer[],
  options: Partial<NotificationOptions> = {},
) {
  await using service = await startService(...[answers].flat());
  await using lab = openNotificationLab();
  const report = await lab.sendNotification({
    channel: "webhook",
    message: "hello",
    webhook_url: service.url,
    ...options,
  });
  return { report, delivery: report.delivery, requests: service.requests, waits: lab.waits };
}

describe("a message arrives", () => {
  test("in a webhook as it is, with its id and priority", async () => {
    const { report, requests } = await send(200, { attachments: [1, { a: null }], priority: "high" });
    expect(requests).toMatchObject([
      {
        body: { message: "hello", attachments: [1, { a: null }] },
        headers: {
          "content-type": "application/json",
          "x-notification-id": report.notification_id,
          "x-notification-priority": "high",
        },
      },
    ]);
    expect(report).toEqual({
      success: true,
      notification_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      delivered: true,
      channel: "webhook",
      priority: "high",
      delivery: {
        status: "delivered",
        destination: null,
        http_status: 200,
        attempts: 1,
        error: null,
        notes: [],
        tried: [],
      },
    });
  });

  test("in Slack's shape", async () => {
    const { requests } = await send({ status: 200, body: "ok" }, { channel: "slack", message: "a < b" });
    expect(requests.map(({ body }) => body)).toEqual([{ text: "a &lt; b", attachments: [] }]);
  });

  test("in Discord's shape, and the report has the message's id", async () => {
    const { requests, delivery } = await send({ status: 200, body: '{"id":"42"}' }, { channel: "discord" });
    expect(requests[0]?.body).toEqual({ content: "hello", embeds: [], allowed_mentions: { parse: [] } });
    expect(requests[0]?.url.searchParams.get("wait")).toBe("true");
    expect(requests[0]?.url.searchParams.get("key")).toBe("quErySecret");
    expect(delivery.details).toEqual({ external_ids: ["42"] });
  });

  test("in parts, in order, and says so", async () => {
    const { requests, delivery } = await send(200, { channel: "discord", message: "x".repeat(4_500) });
    expect(requests.map(({ body }) => body)).toMatchObject([
      { content: "x".repeat(2_000) },
      { content: "x".repeat(2_000) },
      { content: "x".repeat(500) },
    ]);
    expect(delivery).toMatchObject({ status: "delivered", attempts: 3 });
    expect(delivery.notes).toEqual(["The message was split into 3 of at most 2000 characters."]);
  });

  test("without half characters, and without what is undefined", async () => {
    const attachments = [{ text: "\uDC00", color: undefined }];
    const { requests } = await send(200, { message: "a\uD800b", attachments });
    expect(requests[0]?.bytes).toBe('{"message":"a\uFFFDb","attachments":[{"text":"\uFFFD"}]}');
  });
});

describe("attempts", () => {
  test.each([408, 429, 500, 502, 503, 599])("%i is tried again, with the same bytes", async (status) => {
    const { delivery, requests, waits } = await send([status, status, 204]);
    expect(delivery).toMatchObject({ status: "delivered", http_status: 204, attempts: 3 });
    expect(waits).toEqual([100, 200]);
    expect(new Set(requests.map(({ bytes }) => bytes)).size).toBe(1);
    expect(new Set(requests.map(({ headers }) => headers["x-notification-id"])).size).toBe(1);
  });

  test.each([301, 400, 401, 403, 404, 410, 413, 422])("%i is final", async (status) => {
    const { report, delivery, waits } = await send(status);
    expect(report).toMatchObject({ success: false, delivered: false });
    expect(delivery).toMatchObject({
      status: "failed",
      http_status: status,
      attempts: 1,
      error: { code: `http_${status}` },
    });
    expect(waits).toEqual([]);
  });

  test("a final word of the service ends them whatever the status", async () => {
    const { delivery } = await send({ status: 500, body: "no_service" }, { channel: "slack" });
    expect(delivery).toMatchObject({ http_status: 500, attempts: 1, error: { code: "no_service" } });
  });

  test.each([
    ["none", 0, 1],
    ["two by default", undefined, 3],
    ["five at most", 99, 6],
    ["none if fewer are wanted", -3, 1],
  ])("again: %s", async (_, retry_count, attempts) => {
    const { delivery, requests } = await send(503, retry_count === undefined ? {} : { retry_count });
    expect(delivery).toMatchObject({ status: "failed", attempts, error: { code: "http_503" } });
    expect(requests).toHaveLength(attempts);
  });

  test("each part of a message has its own", async () => {
    const answers = [503, 503, 200, 503, 503, 200, 503];
    const { delivery } = await send(answers, {
      channel: "discord",
      message: "x".repeat(4_001),
      retry_count: 2,
    });
    expect(delivery).toMatchObject({ status: "failed", attempts: 9, error: { code: "http_503" } });
    expect(delivery.notes).toContain("2 of 3 parts were sent.");
  });

  test("a lost connection is tried again", async () => {
    const { delivery } = await send([(request) => void request.socket.resetAndDestroy(), 200]);
    expect(delivery).toMatchObject({ status: "delivered", attempts: 2 });
  });

  test("nobody listening is tried again", async () => {
    const service = await startService(200);
    await service[Symbol.asyncDispose]();
    await using lab = openNotificationLab();
    const { delivery } = await lab.sendNotification({
      channel: "slack",
      message: "hello",
      webhook_url: service.url,
    });
    expect(delivery).toMatchObject({
      status: "failed",
      http_status: null,
      attempts: 3,
      error: { code: "network_error" },
    });
  });

  test("a service that hangs is given up after timeout_ms, which is at least a second", async () => {
    const { delivery } = await send(() => undefined, { timeout_ms: 1, retry_count: 0 });
    expect(delivery).toMatchObject({ http_status: null, attempts: 1, error: { code: "timeout" } });
    expect(delivery.error?.message).toContain("within 1000 ms");
  });

  test("a service that drips is given up too", async () => {
    const drip: ServiceAnswer = (_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("."), 50);
      response.on("close", () => clearInterval(timer));
    };
    const { delivery } = await send(drip, { timeout_ms: 1_000, retry_count: 0 });
    expect(delivery).toMatchObject({ attempts: 1, error: { code: "timeout" } });
  });

  test("the caller's signal ends them", async () => {
    const stop = new AbortController();
    await using service = await startService(() => stop.abort());
    await using lab = openNotificationLab();
    const notification = { channel: "webhook", message: "hello", webhook_url: service.url };
    const { delivery } = await lab.sendNotification(notification, { signal: stop.signal });
    expect(delivery).toMatchObject({ status: "failed", attempts: 1, error: { code: "aborted" } });
  });
});

describe("Retry-After", () => {
  test("of the header is waited for", async () => {
    const { delivery, waits } = await send([{ status: 429, headers: { "retry-after": "7" } }, 200]);
    expect(waits).toEqual([7_000]);
    expect(delivery.status).toBe("delivered");
  });

  test("of Discord's body goes before it, to the millisecond", async () => {
    const limited = { status: 429, headers: { "retry-after": "65" }, body: '{"retry_after":1.25}' };
    const { waits } = await send([limited, 200], { channel: "discord" });
    expect(waits).toEqual([1_250]);
  });

  test("beyond the budget of a minute ends the attempts", async () => {
    const { delivery, waits } = await send({ status: 429, headers: { "retry-after": "61" } });
    expect(delivery).toMatchObject({ status: "failed", attempts: 1, error: { code: "http_429" } });
    expect(waits).toEqual([]);
  });

  test("counts for all parts together", async () => {
    const limited = { status: 429, headers: { "retry-after": "40" } };
    const { delivery } = await send([limited, 200, limited], {
      channel: "discord",
      message: "x".repeat(2_001),
    });
    expect(delivery).toMatchObject({ status: "failed", http_status: 429, attempts: 3 });
  });
});

describe("an address", () => {
  test.each(["http://127.0.0.1:1/x", "http://169.254.169.254/latest", "https://[::1]/", "http://localhost/"])(
    "inside, %s, is refused before anything is sent",
    async (url) => {
      await using lab = openNotificationLab({ allow: [] });
      const sent = lab.sendNotification({ channel: "slack", message: "hello", webhook_url: url });
      await expect(sent).rejects.toMatchObject({
        code: "INTEGRATIONS_INPUT_INVALID",
        details: { issues: [{ field: "webhook_url", message: expect.stringContaining("refused") }] },
      });
    },
  );

  test("that resolves to one inside is refused when it is used", async () => {
    const outbound = createOutbound({ lookup: async () => [{ address: "10.0.0.1", family: 4 }] });
    await using lab = openNotificationLab({ parts: { outbound } });
    const webhook_url = "https://rebound.example/s3cr3tT0ken";
    const { delivery } = await lab.sendNotification({ channel: "slack", message: "hello", webhook_url });
    expect(delivery).toMatchObject({ status: "failed", attempts: 1, error: { code: "address_refused" } });
  });

  test("that nothing names is no failure: the message is recorded, and the report says why", async () => {
    await using lab = openNotificationLab();
    const report = await lab.sendNotification({ channel: "slack", message: "hello" });
    expect(report).toMatchObject({
      success: true,
      delivered: false,
      delivery: { status: "not_configured", attempts: 0, error: { code: "no_destination" } },
    });
    expect(await lab.listNotifications()).toMatchObject([{ message: "hello", delivered: false }]);
  });
});
