import { readFile } from "node:fs/promises";
import { delivered } from "@core/registry";
import { describe, expect, test } from "vitest";
import { openNotificationLab } from "../../test/notification-lab.ts";
import { pagerChannel } from "../../test/pager-channel.ts";
import { startService } from "../../test/service-receiver.ts";
import type { ServiceAnswer } from "../../test/service-receiver.ts";
import type { NotificationChannel } from "../channels/notification-channel.ts";
import type { NotificationOptions } from "./notifications.ts";

async function page(answers: readonly ServiceAnswer[], options: Partial<NotificationOptions> = {}) {
  await using service = await startService(...answers);
  await using lab = openNotificationLab({ channels: [pagerChannel] });
  const url = new URL("/rotas/s3cr3t", service.url).href;
  await lab.setDestination({ name: "night", channel: "pager", url });
  const report = await lab.sendNotification({ channel: "pager", message: "hello", ...options });
  return { report, requests: service.requests };
}

describe("the channel of the guide", () => {
  test("is the one that is tested", async () => {
    const source = await readFile(new URL("../../test/pager-channel.ts", import.meta.url), "utf8");
    const guide = new URL("../../../../docs/guides/notification-channel.md", import.meta.url);
    expect(await readFile(guide, "utf8")).toContain(`\`\`\`ts\n${source}\`\`\``);
  });

  test("gets its notifications in its own shape", async () => {
    const attachments = [{ label: "graph", href: "https://example.com/graph" }];
    const { report, requests } = await page([200], { priority: "urgent", attachments });
    expect(requests).toMatchObject([
      {
        body: { summary: "hello", severity: 1, links: attachments },
        headers: { "idempotency-key": report.notification_id },
      },
    ]);
  });

  test("says what it cut", async () => {
    const { report } = await page([200], { message: "x".repeat(2_000) });
    expect(report.delivery.notes).toEqual(["The message was cut from 2000 to 1024."]);
  });

  test("is tried again unless it says not to", async () => {
    const { report } = await page([503, { status: 503, body: "rota_closed" }]);
    expect(report.delivery).toMatchObject({ attempts: 2, error: { code: "rota_closed" } });
  });

  test("refuses what is not its own", async () => {
    await using lab = openNotificationLab({ channels: [pagerChannel] });
    const destination = { name: "night", channel: "pager", url: "https://pager.example/people/1" };
    await expect(lab.setDestination(destination)).rejects.toThrow("Write the URL of a rota");
    const attachments = [{ label: "graph", href: "nowhere" }];
    await expect(lab.sendNotification({ channel: "pager", message: "hello", attachments })).rejects.toThrow(
      "attachments.0.href",
    );
  });
});

describe("a channel that is wrong", () => {
  const broken = { name: "broken", compose: () => ({ requests: [{ body: {} }], notes: [] }) };

  async function use(channel: NotificationChannel, status: number) {
    await using service = await startService(status);
    await using lab = openNotificationLab({ channels: [channel] });
    const notification = { channel: "broken", message: "hello", webhook_url: service.url };
    const { delivery } = await lab.sendNotification(notification);
    return { delivery, told: lab.told() };
  }

  test("by calling a failure a delivery is not believed", async () => {
    const { delivery } = await use({ ...broken, judge: () => delivered() }, 404);
    expect(delivery).toMatchObject({ status: "failed", error: { code: "http_404" } });
  });

  test.each([
    ["composing", { compose: (_: unknown, address: URL) => fail(address) }, 0],
    ["judging", { judge: () => fail(new URL("https://example.com/s3cr3tT0ken")) }, 1],
    ["it makes a header that is none", { compose: () => withHeader("s3cr3t\nT0ken") }, 0],
  ])("by throwing when %s fails by itself, and its words are kept back", async (_, change, attempts) => {
    const { delivery, told } = await use({ ...broken, ...change }, 200);
    expect(delivery).toMatchObject({ status: "failed", attempts, error: { code: "channel_failed" } });
    expect(told).toContain("ended with a TypeError");
    expect(told).not.toContain("s3cr3t");
  });
});

test("a channel that composes no request has failed, not delivered", async () => {
  await using lab = openNotificationLab({
    channels: [{ name: "empty", compose: () => ({ requests: [], notes: [] }) }],
  });
  const webhook_url = "https://example.com/";
  const { delivery } = await lab.sendNotification({ channel: "empty", message: "hello", webhook_url });
  expect(delivery).toMatchObject({ status: "failed", attempts: 0, error: { code: "channel_failed" } });
});

test("a channel that cannot read an address refuses it", async () => {
  const channels = [{ name: "odd", addressIssue: fail, compose: () => withHeader("x") }];
  await using lab = openNotificationLab({ channels });
  const set = lab.setDestination({ name: "a", channel: "odd", url: "https://example.com/s3cr3t" });
  await expect(set).rejects.toThrow(
    /^The destination was not set. url: The channel "odd" failed(?!.*s3cr3t)/,
  );
});

function withHeader(value: string) {
  return { requests: [{ body: {}, headers: { "x-value": value } }], notes: [] };
}

function fail(address: URL): never {
  throw new TypeError(`Cannot read ${address.href}`);
}
