import { describe, expect, test } from "vitest";
import { openNotificationLab } from "../../test/notification-lab.ts";
import type { NotificationOptions } from "./notifications.ts";

const good = { channel: "webhook", message: "hello" };

const circle: { self?: unknown } = {};
circle.self = circle;

/** The fields that a notification is refused for. */
async function refused(change: Record<string, unknown>) {
  await using lab = openNotificationLab();
  const input = { ...good, ...change } as NotificationOptions;
  const error: unknown = await lab.sendNotification(input).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INTEGRATIONS_INPUT_INVALID" });
  expect(await lab.listNotifications()).toEqual([]);
  const { issues } = (error as { details: { issues: { field: string; message: string }[] } }).details;
  return issues;
}

describe("it is refused for", () => {
  test.each([
    ["a message that is blank", { message: " \n " }, "message"],
    ["a message that is missing", { message: undefined }, "message"],
    ["a message beyond 100,000 characters", { message: "x".repeat(100_001) }, "message"],
    ["an unknown priority", { priority: "asap" }, "priority"],
    ["a name that is none", { destination: "Ops Team" }, "destination"],
    ["a URL that is none", { webhook_url: "nowhere" }, "webhook_url"],
    ["a URL with a password", { webhook_url: "https://user:pass@example.com/" }, "webhook_url"],
    ["a destination and a URL", { destination: "ops", webhook_url: "https://example.com/" }, "webhook_url"],
    ["attachments that are no list", { attachments: { text: "a" } }, "attachments"],
    ["an attachment that is no JSON", { attachments: [1, () => 1] }, "attachments.1"],
    ["an attachment that is a circle", { attachments: [circle] }, "attachments.0"],
    ["more than 100 attachments", { attachments: Array.from({ length: 101 }, () => 1) }, "attachments"],
    [
      "more than 5 fallbacks",
      { fallback_destinations: ["a", "b", "c", "d", "e", "f"] },
      "fallback_destinations",
    ],
    ["a fallback that is no name", { fallback_destinations: ["a", ""] }, "fallback_destinations.1"],
    ["an empty dedupe key", { dedupe_key: "" }, "dedupe_key"],
    ["a timeout that is no number", { timeout_ms: "10" }, "timeout_ms"],
    ["a timeout that is not a number", { timeout_ms: Number.NaN }, "timeout_ms"],
    ["a count that is no number", { retry_count: null }, "retry_count"],
    ["a field that does not exist", { webhookUrl: "https://example.com/" }, "webhookUrl"],
  ])("%s", async (_, change, field) => {
    expect(await refused(change)).toEqual([{ field, message: expect.any(String) }]);
  });

  test.each([
    ["slack", "text", { text: 1 }, "attachments.0.text"],
    ["slack", "an object", "text", "attachments.0"],
    ["slack", "a list", { fields: {} }, "attachments.0.fields"],
    ["discord", "an embed", null, "attachments.0"],
    ["discord", "a colour", { color: "red" }, "attachments.0.color"],
    ["discord", "a field", { fields: [{ name: "n" }] }, "attachments.0.fields.0.value"],
    ["email", "a path", { filename: "a", content: "a", path: "/etc/passwd" }, "attachments.0.path"],
    ["email", "a content", { filename: "a", content: { path: "/etc/passwd" } }, "attachments.0.content"],
  ])("an attachment of %s that is not %s", async (channel, _, attachment, field) => {
    expect(await refused({ channel, attachments: [attachment] })).toEqual([
      { field, message: expect.any(String) },
    ]);
  });

  test("an unknown channel, and names those that there are", async () => {
    expect(await refused({ channel: "fax" })).toEqual([
      { field: "channel", message: "Use one of slack, discord, webhook, email." },
    ]);
  });

  test("all that is wrong at once", async () => {
    const issues = await refused({
      message: "",
      priority: 1,
      webhook_url: "http://10.0.0.1/",
      attachments: 1,
    });
    expect(issues.map(({ field }) => field)).toEqual(["message", "priority", "attachments", "webhook_url"]);
  });

  test("being nothing at all", async () => {
    await using lab = openNotificationLab();
    for (const nothing of [null, undefined, "text", []]) {
      const sent = lab.sendNotification(nothing as unknown as NotificationOptions);
      await expect(sent).rejects.toMatchObject({ code: "INTEGRATIONS_INPUT_INVALID" });
    }
  });
});
