import { describe, expect, test } from "vitest";
import { openNotificationLab } from "../../test/notification-lab.ts";
import type { NotificationLab } from "../../test/notification-lab.ts";
import { startService } from "../../test/service-receiver.ts";
import { createSecretBox } from "../secrets/secret-box.ts";
import type { DestinationInput } from "./destinations.ts";

const url = "https://hooks.slack.com/services/T0SECRET/B0SECRET/s3cr3tT0ken";
const ops: DestinationInput = { name: "ops", channel: "slack", url };

/** Names of destinations, the default ones with a star. */
async function names(lab: NotificationLab): Promise<string[]> {
  const destinations = await lab.listDestinations();
  return destinations.map(({ name, is_default }) => (is_default ? `${name}*` : name));
}

describe("a destination", () => {
  test("is made, listed by name, and shows no more of its URL than the origin", async () => {
    await using lab = openNotificationLab();
    const made = await lab.setDestination(ops);
    await lab.setDestination({ name: "mail", channel: "email", url: "mailto:a@example.com" });
    expect(made).toEqual({
      created: true,
      destination: {
        name: "ops",
        channel: "slack",
        address: "https://hooks.slack.com/…",
        is_default: true,
        created_at: "2026-01-01T00:00:00.000Z",
        updated_at: "2026-01-01T00:00:00.000Z",
      },
    });
    expect(await lab.listDestinations()).toMatchObject([
      { name: "mail", address: "mailto:…" },
      made.destination,
    ]);
  });

  test("is sealed in the state, and open where there is no key", async () => {
    await using sealed = openNotificationLab();
    await using open = openNotificationLab({ parts: { secrets: createSecretBox(null) } });
    await sealed.setDestination(ops);
    await open.setDestination(ops);
    expect(JSON.stringify(await sealed.parts.store.read())).not.toContain("hooks.slack.com");
    expect((await open.parts.store.read()).destinations[0]?.url).toBe(url);
  });

  test("that is set again changes, and keeps the time of its making", async () => {
    await using lab = openNotificationLab();
    await lab.setDestination(ops);
    lab.pass(1_000);
    const changed = await lab.setDestination({ ...ops, url: "https://chat.example.com/hooks/x" });
    expect(changed).toMatchObject({
      created: false,
      destination: {
        address: "https://chat.example.com/…",
        is_default: true,
        created_at: "2026-01-01T00:00:00.000Z",
        updated_at: "2026-01-01T00:00:01.000Z",
      },
    });
    expect(await lab.listDestinations()).toHaveLength(1);
  });

  test("cannot change its channel", async () => {
    await using lab = openNotificationLab();
    await lab.setDestination(ops);
    await expect(lab.setDestination({ ...ops, channel: "webhook" })).rejects.toMatchObject({
      code: "INTEGRATIONS_INPUT_INVALID",
      details: { issues: [{ field: "channel" }] },
    });
    expect(await lab.listDestinations()).toMatchObject([{ channel: "slack" }]);
  });

  test("that cannot be opened is listed all the same", async () => {
    await using lab = openNotificationLab();
    await lab.setDestination(ops);
    const secrets = createSecretBox(Buffer.alloc(32, 8).toString("base64"));
    await using other = openNotificationLab({ parts: { store: lab.parts.store, secrets } });
    expect(await other.listDestinations()).toMatchObject([{ name: "ops", address: "(cannot be opened)" }]);
  });

  test("is deleted once", async () => {
    await using lab = openNotificationLab();
    await lab.setDestination(ops);
    expect(await lab.deleteDestination("ops")).toEqual({ removed: true, name: "ops" });
    expect(await lab.deleteDestination("ops")).toEqual({ removed: false, name: "ops" });
  });
});

describe("the default one", () => {
  test("is the first of its channel, until another is made it", async () => {
    await using lab = openNotificationLab();
    await lab.setDestination({ ...ops, name: "a" });
    await lab.setDestination({ ...ops, name: "b" });
    await lab.setDestination({ ...ops, name: "hook", channel: "webhook" });
    expect(await names(lab)).toEqual(["a*", "b", "hook*"]);
    await lab.setDestination({ ...ops, name: "b", is_default: true });
    expect(await names(lab)).toEqual(["a", "b*", "hook*"]);
    await lab.setDestination({ ...ops, name: "b" });
    expect(await names(lab)).toEqual(["a", "b*", "hook*"]);
  });

  test("may be none on request", async () => {
    await using lab = openNotificationLab();
    await lab.setDestination({ ...ops, is_default: false });
    expect(await names(lab)).toEqual(["ops"]);
  });

  test("that is deleted has no heir: messages never go where nobody sent them", async () => {
    await using service = await startService(200);
    await using lab = openNotificationLab();
    await lab.setDestination({ name: "a", channel: "webhook", url: service.url });
    await lab.setDestination({ name: "b", channel: "webhook", url: service.url });
    await lab.deleteDestination("a");
    expect(await names(lab)).toEqual(["b"]);
    const { delivery } = await lab.sendNotification({ channel: "webhook", message: "hello" });
    expect(delivery).toMatchObject({ status: "not_configured", error: { code: "no_destination" } });
    expect(service.requests).toEqual([]);
  });
});

describe("it is refused", () => {
  test.each([
    ["with a name that is none", { name: "Ops Team" }, ["name"]],
    ["with a name that is too long", { name: "x".repeat(65) }, ["name"]],
    ["for a channel that nobody has", { channel: "fax" }, ["channel"]],
    ["with a URL that is none", { url: "secret-token" }, ["url"]],
    ["with another scheme", { url: "ftp://example.com/s3cr3t" }, ["url"]],
    ["inside", { url: "http://169.254.169.254/s3cr3t" }, ["url"]],
    ["with a URL of another kind", { channel: "email" }, ["url"]],
    ["with a page of Slack", { url: "https://app.slack.com/client/s3cr3t" }, ["url"]],
    ["with a default that is no boolean", { is_default: "yes" }, ["is_default"]],
    ["with a field that does not exist", { token: "s3cr3t" }, ["token"]],
    [
      "for all that is wrong at once",
      { name: "", url: "s3cr3t", is_default: 1 },
      ["name", "is_default", "url"],
    ],
  ])("%s", async (_, change, fields) => {
    await using lab = openNotificationLab({ allow: [] });
    const input = { ...ops, ...change } as DestinationInput;
    const error: unknown = await lab.setDestination(input).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "INTEGRATIONS_INPUT_INVALID",
      details: { issues: fields.map((field) => ({ field })) },
    });
    expect(String(error)).not.toMatch(/s3cr3t/);
    expect(await lab.listDestinations()).toEqual([]);
  });
});

test("channels that cannot be told apart are refused when the instance is made", () => {
  const channel = (name: string) => ({ name, compose: () => ({ requests: [], notes: [] }) });
  for (const channels of [[channel("slack")], [channel("Fax")], [channel("a"), channel("a")]]) {
    expect(() => openNotificationLab({ channels })).toThrow(/channels: /);
  }
});
