import { describe, expect, test } from "vitest";
import { openNotificationLab } from "../../test/notification-lab.ts";
import type { NotificationLab } from "../../test/notification-lab.ts";
import { SECRET_PATH, startService } from "../../test/service-receiver.ts";
import { createSecretBox } from "../secrets/secret-box.ts";

async function set(lab: NotificationLab, destinations: Record<string, readonly [string, string]>) {
  for (const [name, [channel, url]] of Object.entries(destinations)) {
    await lab.setDestination({ name, channel, url });
  }
}

describe("a notification goes", () => {
  test("to the destination that it names, else to the default one of its channel", async () => {
    await using a = await startService(200);
    await using b = await startService(200);
    await using lab = openNotificationLab();
    await set(lab, { a: ["webhook", a.url], b: ["webhook", b.url] });
    const named = await lab.sendNotification({ channel: "webhook", message: "hello", destination: "b" });
    const unnamed = await lab.sendNotification({ channel: "webhook", message: "hello" });
    expect([named.delivery.destination, unnamed.delivery.destination]).toEqual(["b", "a"]);
    expect([a.requests.length, b.requests.length]).toEqual([1, 1]);
    expect(a.requests[0]?.url.pathname + (a.requests[0]?.url.search ?? "")).toBe(SECRET_PATH);
  });

  test("to the first that takes it, shaped for its channel, and tells of those before", async () => {
    await using broken = await startService({ status: 404, body: "no_service" });
    await using busy = await startService(503);
    await using good = await startService({ status: 200, body: '{"id":"1"}' });
    await using unused = await startService(200);
    await using lab = openNotificationLab();
    await set(lab, {
      chat: ["slack", broken.url],
      hook: ["webhook", busy.url],
      game: ["discord", good.url],
      last: ["webhook", unused.url],
    });
    const report = await lab.sendNotification({
      channel: "slack",
      message: "a & b",
      attachments: [{ text: "for Slack" }],
      fallback_destinations: ["chat", "hook", "game", "last"],
      retry_count: 1,
    });
    expect(report).toMatchObject({ success: true, delivered: true, channel: "slack" });
    expect(report.delivery).toMatchObject({
      status: "delivered",
      destination: "game",
      attempts: 1,
      notes: ["Attachments for slack were left out: 1."],
      tried: [
        { destination: "chat", status: "failed", attempts: 1, error: { code: "no_service" } },
        { destination: "hook", status: "failed", attempts: 2, error: { code: "http_503" } },
      ],
    });
    expect(good.requests.map(({ body }) => body)).toMatchObject([{ content: "a & b", embeds: [] }]);
    expect(unused.requests).toEqual([]);
  });

  test("nowhere when all have failed, and the last failure is the report", async () => {
    await using service = await startService(500, 400);
    await using lab = openNotificationLab();
    await set(lab, { a: ["webhook", service.url], b: ["webhook", service.url] });
    const report = await lab.sendNotification({
      channel: "webhook",
      message: "hello",
      fallback_destinations: ["b"],
      retry_count: 0,
    });
    expect(report).toMatchObject({ success: false, delivered: false });
    expect(report.delivery).toMatchObject({
      destination: "b",
      http_status: 400,
      tried: [{ destination: "a", http_status: 500 }],
    });
  });

  test("past destinations that lack a setting, which is no failure by itself", async () => {
    await using service = await startService(500);
    await using lab = openNotificationLab();
    await set(lab, { mail: ["email", "mailto:a@example.com"], hook: ["webhook", service.url] });
    const mail = { channel: "email", message: "hello", retry_count: 0 };
    expect(await lab.sendNotification(mail)).toMatchObject({
      success: true,
      delivered: false,
      delivery: { status: "not_configured", error: { code: "smtp_not_configured" } },
    });
    expect(await lab.sendNotification({ ...mail, fallback_destinations: ["hook"] })).toMatchObject({
      success: false,
      delivery: { status: "failed", destination: "hook", tried: [{ status: "not_configured" }] },
    });
    const hook = { ...mail, channel: "webhook", fallback_destinations: ["mail"] };
    expect(await lab.sendNotification(hook)).toMatchObject({
      success: false,
      delivery: { status: "failed", destination: "hook", tried: [{ destination: "mail" }] },
    });
  });

  test("to a fallback when its own channel has no destination", async () => {
    await using service = await startService(200);
    await using lab = openNotificationLab();
    await set(lab, { hook: ["webhook", service.url] });
    const { delivery } = await lab.sendNotification({
      channel: "slack",
      message: "hello",
      fallback_destinations: ["hook"],
    });
    expect(delivery).toMatchObject({ status: "delivered", destination: "hook", tried: [] });
  });

  test("past a destination that cannot be opened", async () => {
    await using service = await startService(200);
    await using lab = openNotificationLab();
    await set(lab, { a: ["webhook", service.url] });
    const secrets = createSecretBox(Buffer.alloc(32, 8).toString("base64"));
    await using other = openNotificationLab({ parts: { store: lab.parts.store, secrets } });
    await set(other, { b: ["webhook", service.url] });
    const { delivery } = await other.sendNotification({
      channel: "webhook",
      message: "hello",
      fallback_destinations: ["b"],
    });
    expect(delivery).toMatchObject({
      destination: "b",
      tried: [{ destination: "a", status: "failed", error: { code: "destination_unreadable" } }],
    });
  });
});

test("an address in the state that no longer may be reached, or is none, is refused when it is used", async () => {
  await using lab = openNotificationLab({ parts: { secrets: createSecretBox(null) } });
  await set(lab, {
    a: ["webhook", "http://127.0.0.1:1/s3cr3t"],
    b: ["webhook", "https://example.com/s3cr3t"],
  });
  await lab.parts.store.update(({ destinations }) => {
    for (const destination of destinations) if (destination.name === "b") destination.url = "s3cr3t";
  });
  await using strict = openNotificationLab({ allow: [], parts: { store: lab.parts.store } });
  const report = await strict.sendNotification({
    channel: "webhook",
    message: "hello",
    fallback_destinations: ["b"],
  });
  expect(report.delivery).toMatchObject({
    status: "failed",
    error: { code: "address_refused" },
    tried: [{ destination: "a", attempts: 0, error: { code: "address_refused" } }],
  });
  expect(JSON.stringify(report)).not.toContain("s3cr3t");
});

describe("nothing is sent", () => {
  test("when a destination does not exist; all that do not are named", async () => {
    await using service = await startService(200);
    await using lab = openNotificationLab();
    await set(lab, { a: ["webhook", service.url] });
    const sent = lab.sendNotification({
      channel: "webhook",
      message: "hello",
      destination: "b",
      fallback_destinations: ["a", "c"],
    });
    await expect(sent).rejects.toMatchObject({
      code: "DESTINATION_NOT_FOUND",
      message: "The notification was not sent: there is no destination called b, c. There are: a.",
      details: { destinations: ["b", "c"] },
    });
    expect(service.requests).toEqual([]);
    expect(await lab.listNotifications()).toEqual([]);
  });

  test("when the destination is of another channel", async () => {
    await using lab = openNotificationLab();
    await set(lab, { a: ["webhook", "https://example.com/x"] });
    const sent = lab.sendNotification({ channel: "slack", message: "hello", destination: "a" });
    await expect(sent).rejects.toMatchObject({
      code: "INTEGRATIONS_INPUT_INVALID",
      details: { issues: [{ field: "destination" }] },
    });
  });
});
