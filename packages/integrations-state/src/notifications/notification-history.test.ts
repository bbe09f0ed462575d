import { describe, expect, test } from "vitest";
import { openNotificationLab } from "../../test/notification-lab.ts";
import { SECRET_PATH, startService } from "../../test/service-receiver.ts";
import { createMemoryStore } from "../testing/memory-store.ts";

describe("the history", () => {
  test("has what was sent, the newest first, and how it went", async () => {
    await using service = await startService(200, 404);
    await using lab = openNotificationLab();
    await lab.setDestination({ name: "ops", channel: "webhook", url: service.url });
    const first = await lab.sendNotification({ channel: "webhook", message: "one", priority: "urgent" });
    lab.pass(1_000);
    const second = await lab.sendNotification({ channel: "webhook", message: "two" });
    expect(await lab.listNotifications()).toEqual([
      {
        id: second.notification_id,
        channel: "webhook",
        message: "two",
        priority: "normal",
        delivered: false,
        created_at: "2026-01-01T00:00:01.000Z",
        meta: { status: "failed", destination: "ops", http_status: 404, attempts: 1, error: "http_404" },
      },
      {
        id: first.notification_id,
        channel: "webhook",
        message: "one",
        priority: "urgent",
        delivered: true,
        created_at: "2026-01-01T00:00:00.000Z",
        meta: { status: "delivered", destination: "ops", http_status: 200, attempts: 1, error: null },
      },
    ]);
  });

  test("keeps the newest 200, in the state too", async () => {
    await using lab = openNotificationLab();
    for (let count = 0; count < 205; count++) {
      await lab.sendNotification({ channel: "slack", message: `m${count}` });
    }
    const messages = (await lab.listNotifications()).map(({ message }) => message);
    expect(messages).toEqual(Array.from({ length: 200 }, (_, index) => `m${204 - index}`));
    expect((await lab.parts.store.read()).notifications).toHaveLength(200);
  });

  test("is in order of asking, whichever ended first", async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<() => void>();
    await using slow = await startService((_, response) => resolve(() => response.end()));
    await using lab = openNotificationLab();
    const asked = lab.sendNotification({ channel: "webhook", message: "one", webhook_url: slow.url });
    const answer = await arrived;
    lab.pass(1);
    await lab.sendNotification({ channel: "slack", message: "two" });
    answer();
    await asked;
    expect((await lab.listNotifications()).map(({ message }) => message)).toEqual(["two", "one"]);
  });

  test("has the beginning of a long message, and its length", async () => {
    await using lab = openNotificationLab();
    await lab.sendNotification({ channel: "slack", message: `${"x".repeat(3_999)}👋` });
    await lab.sendNotification({ channel: "slack", message: "a\0b" });
    const [odd, long] = await lab.listNotifications();
    expect(long?.message).toBe(`${"x".repeat(3_999)}\uFFFD`);
    expect(long?.meta["message_length"]).toBe(4_001);
    expect(odd?.message).toBe("a\uFFFDb");
    expect(odd?.meta).not.toHaveProperty("message_length");
  });
});

describe("when the state cannot be written", () => {
  const store = { ...createMemoryStore(), update: () => Promise.reject(new Error("disk full")) };

  test("what was sent is reported as sent, and the operator is told", async () => {
    await using service = await startService(200);
    await using lab = openNotificationLab({ parts: { store } });
    const notification = { channel: "webhook", message: "hello", webhook_url: service.url };
    const report = await lab.sendNotification(notification);
    expect(report).toMatchObject({ success: true, delivered: true });
    expect(report.delivery.notes).toEqual(["It is not in the history, as the state could not be written."]);
    expect(lab.told()).toContain("integrations.notification.record");
  });

  test("what was to be recorded only rejects", async () => {
    await using lab = openNotificationLab({ parts: { store } });
    const sent = lab.sendNotification({ channel: "slack", message: "hello" });
    await expect(sent).rejects.toThrow("disk full");
  });
});

describe("no credential is told to anybody", () => {
  const echo = (code: string) => ({
    status: 400,
    body: JSON.stringify({ message: `Bad ${SECRET_PATH} s3cr3tT0ken`, code: 7, error: code, ok: false }),
  });

  test.each([
    ["a delivery", 200],
    ["a refusal that repeats it", echo("s_cretcode")],
    ["a passing failure", 503],
    ["a redirect", { status: 302, headers: { location: `http://10.0.0.1${SECRET_PATH}` } }],
    [
      "a lost connection",
      (request: { socket: { resetAndDestroy(): void } }) => request.socket.resetAndDestroy(),
    ],
  ] as const)("after %s", async (_, answer) => {
    for (const channel of ["slack", "discord", "webhook"]) {
      await using service = await startService(answer);
      await using lab = openNotificationLab();
      await lab.setDestination({ name: "ops", channel, url: service.url });
      const named = await lab.sendNotification({ channel, message: "hello" });
      const given = await lab.sendNotification({ channel, message: "hello", webhook_url: service.url });
      const said = JSON.stringify([
        named,
        given,
        await lab.listNotifications(),
        await lab.listDestinations(),
      ]);
      const state = JSON.stringify(await lab.parts.store.read());
      expect(service.requests.length).toBeGreaterThan(1);
      for (const text of [said, state, lab.told()]) {
        expect(text).not.toMatch(/s3cr3t|T0SECRET|B0SECRET|quErySecret|\/services/);
      }
    }
  });

  test("by errors either", async () => {
    await using lab = openNotificationLab({ allow: [] });
    const url = `http://127.0.0.1${SECRET_PATH}`;
    const errors = await Promise.all([
      lab.sendNotification({ channel: "slack", message: "hello", webhook_url: url }).catch(String),
      lab.setDestination({ name: "ops", channel: "slack", url }).catch(String),
    ]);
    for (const error of errors) expect(error).toMatch(/^IntegrationsError(?!.*(s3cr3t|SECRET|quErySecret))/i);
  });
});
