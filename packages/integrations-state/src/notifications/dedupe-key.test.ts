import { describe, expect, test } from "vitest";
import { openNotificationLab } from "../../test/notification-lab.ts";
import type { NotificationLab } from "../../test/notification-lab.ts";
import { startService } from "../../test/service-receiver.ts";
import { claimKey } from "./dedupe-key.ts";

const DAY_MS = 24 * 60 * 60_000;

function send(lab: NotificationLab, url: string, dedupe_key = "disk-full") {
  return lab.sendNotification({
    channel: "webhook",
    message: "hello",
    webhook_url: url,
    dedupe_key,
    retry_count: 0,
  });
}

describe("a second notification with the same key", () => {
  test("is not sent, and its report names the first", async () => {
    await using service = await startService(200);
    await using lab = openNotificationLab();
    const first = await send(lab, service.url);
    expect(await send(lab, service.url)).toEqual({
      ...first,
      delivery: {
        status: "suppressed",
        destination: null,
        http_status: null,
        attempts: 0,
        error: null,
        notes: ["A notification with this dedupe key was sent at 2026-01-01T00:00:00.000Z."],
        tried: [],
      },
    });
    expect(service.requests).toHaveLength(1);
    expect(await lab.listNotifications()).toHaveLength(1);
  });

  test("is sent after a day, and not a moment before", async () => {
    await using service = await startService(200);
    await using lab = openNotificationLab();
    await send(lab, service.url);
    lab.pass(DAY_MS - 1);
    expect((await send(lab, service.url)).delivery.status).toBe("suppressed");
    lab.pass(1);
    expect((await send(lab, service.url)).delivery.status).toBe("delivered");
  });

  test("is held back however many others came between", async () => {
    await using service = await startService(200);
    await using lab = openNotificationLab();
    await send(lab, service.url);
    for (let count = 0; count < 205; count++) {
      await lab.sendNotification({ channel: "slack", message: "recorded only" });
    }
    expect((await send(lab, service.url)).delivery.status).toBe("suppressed");
  });

  test("is sent if the first one failed", async () => {
    await using service = await startService(500, 200);
    await using lab = openNotificationLab();
    expect((await send(lab, service.url)).delivery.status).toBe("failed");
    expect((await send(lab, service.url)).delivery.status).toBe("delivered");
  });

  test("is sent if the first one went nowhere", async () => {
    await using service = await startService(200);
    await using lab = openNotificationLab();
    await lab.sendNotification({ channel: "webhook", message: "hello", dedupe_key: "disk-full" });
    expect((await send(lab, service.url)).delivery.status).toBe("delivered");
  });

  test("at the same time is sent once, by one instance or by two on one state", async () => {
    await using service = await startService(200);
    await using lab = openNotificationLab();
    await using other = openNotificationLab({ parts: { store: lab.parts.store } });
    const reports = await Promise.all(
      Array.from({ length: 20 }, (_, index) => send(index % 2 === 0 ? lab : other, service.url)),
    );
    expect(service.requests).toHaveLength(1);
    expect(reports.filter(({ delivery }) => delivery.status === "delivered")).toHaveLength(1);
    expect(new Set(reports.map(({ notification_id }) => notification_id)).size).toBe(1);
    expect(reports.every(({ success }) => success)).toBe(true);
  });

  test("while the first is under way is told so", async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<() => void>();
    await using service = await startService((_, response) => resolve(() => response.end()));
    await using lab = openNotificationLab();
    const first = send(lab, service.url);
    const answer = await arrived;
    const second = await send(lab, service.url);
    answer();
    expect(second).toMatchObject({ success: true, delivered: false, delivery: { status: "suppressed" } });
    expect(second.delivery.notes[0]).toContain("is being sent since");
    expect(await first).toMatchObject({ delivered: true, notification_id: second.notification_id });
  });

  test("is sent ten minutes after a process has died over the first", async () => {
    await using service = await startService(200);
    await using lab = openNotificationLab();
    const nowMs = lab.parts.clock.now();
    await lab.parts.store.update((state) =>
      claimKey(state, { key: "disk-full", notificationId: "of the dead", nowMs }),
    );
    lab.pass(10 * 60_000 - 1);
    expect((await send(lab, service.url)).delivery.status).toBe("suppressed");
    lab.pass(1);
    expect((await send(lab, service.url)).delivery.status).toBe("delivered");
  });
});

test("another key is another matter", async () => {
  await using service = await startService(200);
  await using lab = openNotificationLab();
  await send(lab, service.url, "a");
  await send(lab, service.url, "b");
  expect(service.requests).toHaveLength(2);
});

test("of the keys the newest 1,000 are kept", async () => {
  await using lab = openNotificationLab();
  const nowMs = lab.parts.clock.now();
  const { state } = await lab.parts.store.update((draft) => {
    for (let count = 0; count < 1_001; count++) {
      claimKey(draft, { key: `k${count}`, notificationId: `n${count}`, nowMs });
    }
  });
  expect(state.notification_keys).toHaveLength(1_000);
  expect(state.notification_keys?.[0]?.key).toBe("k1");
});
