import { generateWebhookSecret } from "@core/outbound";
import { describe, expect, test } from "vitest";
import { integrationsParts } from "../../test/integrations-parts.ts";
import { INTEGRATION_EVENTS } from "../events/event-names.ts";
import { emptyState } from "../state/empty-state.ts";
import { createMemoryStore } from "../testing/memory-store.ts";
import { createWebhooks } from "./create-webhooks.ts";
import type { WebhookInput } from "./webhooks.ts";

const url = "https://example.com/hook";
const EVENTS_LISTED =
  "session.start, session.end, task.created, task.completed, roadmap.exported, task.sync, error";

function open() {
  const parts = integrationsParts();
  return { ...createWebhooks(parts), ...parts };
}

describe("a new webhook", () => {
  test("has an id, and all events written out", async () => {
    const { registerWebhook, listWebhooks } = open();
    const { created, webhook, ...more } = await registerWebhook({ url });
    expect({ created, more }).toEqual({ created: true, more: { warnings: [] } });
    expect(webhook).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      url,
      events: INTEGRATION_EVENTS,
      has_secret: false,
      created_at: "2026-01-01T00:00:00.000Z",
      updated_at: "2026-01-01T00:00:00.000Z",
    });
    expect(await listWebhooks()).toEqual([webhook]);
  });

  test("keeps the events that it is given, each once", async () => {
    const { webhook } = await open().registerWebhook({ url, events: ["error", "task.sync", "error"] });
    expect(webhook.events).toEqual(["error", "task.sync"]);
  });

  test("stands behind the ones before", async () => {
    const { registerWebhook, listWebhooks } = open();
    for (const name of ["b", "a", "c"]) await registerWebhook({ url: `https://${name}.example/` });
    expect((await listWebhooks()).map((one) => one.url)).toEqual([
      "https://b.example/",
      "https://a.example/",
      "https://c.example/",
    ]);
  });
});

describe("the same URL again", () => {
  test.each([
    "https://example.com/hook",
    "HTTPS://EXAMPLE.com:443/hook",
    "https://example.com/a/../hook",
    " https://example.com/hook#fragment ",
  ])("%j changes the webhook, whose id and creation stay", async (again) => {
    const { registerWebhook, listWebhooks, clock } = open();
    const first = await registerWebhook({ url });
    clock.advance(5_000);
    const second = await registerWebhook({ url: again, events: ["error"] });
    expect(second.created).toBe(false);
    expect(second.webhook).toEqual({
      ...first.webhook,
      events: ["error"],
      updated_at: "2026-01-01T00:00:05.000Z",
    });
    expect(await listWebhooks()).toEqual([second.webhook]);
  });

  test.each(["https://example.com/Hook", "http://example.com/hook", "https://example.com/hook?a=1"])(
    "is not %s",
    async (other) => {
      const { registerWebhook } = open();
      await registerWebhook({ url });
      expect((await registerWebhook({ url: other })).created).toBe(true);
    },
  );

  test("finds a webhook whose URL was stored in another spelling", async () => {
    const state = emptyState(new Date(0));
    const webhook = { id: "w", url: "HTTPS://Example.com/hook#x", events: [], secret: "" };
    state.webhooks.push(
      { ...webhook, created_at: "c", updated_at: "u" },
      { ...webhook, id: "x", url: "?", created_at: "c", updated_at: "u" },
    );
    const { registerWebhook } = createWebhooks(integrationsParts({ store: createMemoryStore(state) }));
    expect((await registerWebhook({ url })).webhook).toMatchObject({ id: "w", url, created_at: "c" });
  });

  test("keeps events and secret that are left out", async () => {
    const { registerWebhook } = open();
    await registerWebhook({ url, events: ["error"], secret: "s" });
    expect((await registerWebhook({ url })).webhook).toMatchObject({ events: ["error"], has_secret: true });
  });

  test("with an empty secret has none any more", async () => {
    const { registerWebhook, store } = open();
    await registerWebhook({ url, secret: "s" });
    expect((await registerWebhook({ url, secret: "" })).webhook.has_secret).toBe(false);
    expect((await store.read()).webhooks[0]?.secret).toBe("");
  });

  test("enables a disabled webhook", async () => {
    const { registerWebhook, listWebhooks, store } = open();
    await registerWebhook({ url });
    await store.update(({ webhooks }) => {
      for (const webhook of webhooks) webhook.disabled_at = "2026-01-01T00:00:00.000Z";
    });
    expect(await listWebhooks()).toMatchObject([{ disabled_at: "2026-01-01T00:00:00.000Z" }]);
    expect((await registerWebhook({ url })).webhook).not.toHaveProperty("disabled_at");
  });

  test("forgets events of a later version when events are given, and only then", async () => {
    const { registerWebhook, store } = open();
    await registerWebhook({ url, events: ["error"] });
    await store.update(({ webhooks }) => {
      for (const webhook of webhooks) webhook.unknown_events = ["later.event"];
    });
    await registerWebhook({ url, secret: "" });
    expect((await store.read()).webhooks[0]?.unknown_events).toEqual(["later.event"]);
    await registerWebhook({ url, events: ["task.sync"] });
    expect((await store.read()).webhooks[0]).not.toHaveProperty("unknown_events");
  });

  test("registered at once is one webhook", async () => {
    const { registerWebhook, listWebhooks } = open();
    const made = await Promise.all(Array.from({ length: 10 }, () => registerWebhook({ url })));
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(await listWebhooks()).toHaveLength(1);
  });
});

describe("a secret", () => {
  test("is made on request and shown this once", async () => {
    const { registerWebhook, listWebhooks, store, secrets } = open();
    const { secret = "", warnings, webhook } = await registerWebhook({ url, generate_secret: true });
    expect(secret).toMatch(/^whsec_[A-Za-z\d+/]{43}=$/);
    expect(warnings).toEqual([]);
    expect(webhook.has_secret).toBe(true);
    expect(JSON.stringify([webhook, await listWebhooks()])).not.toContain(secret);
    expect(await registerWebhook({ url })).not.toHaveProperty("secret");
    expect(secrets.open((await store.read()).webhooks[0]?.secret ?? "")).toBe(secret);
  });

  test("is sealed in the state", async () => {
    const { registerWebhook, store, secrets } = open();
    await registerWebhook({ url, secret: "in clear" });
    const [stored] = (await store.read()).webhooks;
    expect(stored?.secret).toMatch(/^enc:v1:/);
    expect(secrets.open(stored?.secret ?? "")).toBe("in clear");
  });

  test.each(["s", "not standard ✓", "x".repeat(500)])(
    "of any text is taken with a warning, and not shown: %s",
    async (secret) => {
      const { warnings, ...registration } = await open().registerWebhook({ url, secret });
      expect(warnings).toEqual([expect.stringContaining("X-AMS-Signature alone")]);
      expect(registration).not.toHaveProperty("secret");
    },
  );

  test("of Standard Webhooks is taken without a warning, and not shown", async () => {
    const registration = await open().registerWebhook({ url, secret: generateWebhookSecret() });
    expect(registration).toEqual({ created: true, warnings: [], webhook: expect.anything() });
  });
});

describe("what is refused", () => {
  test.each<[string, unknown, string, string]>([
    ["no URL", {}, "url", "Write the http or https URL"],
    ["a URL that is no text", { url: 7 }, "url", "Write the http or https URL"],
    ["a relative URL", { url: "/hook" }, "url", "cannot be read"],
    ["another scheme", { url: "ftp://example.com/" }, "url", 'The scheme "ftp" is not supported'],
    ["credentials", { url: "https://a:b@example.com/" }, "url", "user name or password"],
    ["a private address", { url: "http://10.0.0.1/" }, "url", "10.0.0.1 is a private address"],
    ["a disguised one", { url: "http://0x7f.2/" }, "url", "127.0.0.2 is a loopback address"],
    ["no event", { url, events: [] }, "events", EVENTS_LISTED],
    [
      "an unknown event",
      { url, events: ["error", "task.made"] },
      "events.1",
      `"task.made" is not an event. Use one of: ${EVENTS_LISTED}.`,
    ],
    ["an event that is no text", { url, events: [7] }, "events.0", "number is not an event"],
    ["events that are no list", { url, events: "error" }, "events", "Write a list"],
    ["a secret that is no text", { url, secret: 7 }, "secret", "Write a text"],
    ["a whsec_ secret that cannot be read", { url, secret: "whsec_abc" }, "secret", "cannot be read"],
    ["two secrets", { url, secret: "s", generate_secret: true }, "generate_secret", "not both"],
    ["a field that does not exist", { url, event: ["error"] }, "event", "Unknown field"],
  ])("%s, with what to do", async (_, input, field, message) => {
    const { registerWebhook, store } = open();
    await expect(registerWebhook(input as WebhookInput)).rejects.toMatchObject({
      name: "IntegrationsError",
      code: "INTEGRATIONS_INPUT_INVALID",
      message: expect.stringContaining("The webhook was not registered."),
      details: { issues: [{ field, message: expect.stringContaining(message) }] },
    });
    expect((await store.read()).webhooks).toEqual([]);
  });

  test("is told of all fields at once, without the secret", async () => {
    const input = { url: "ftp://x", events: ["nothing"], secret: "whsec_hush", more: 1 };
    const error: unknown = await open()
      .registerWebhook(input)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      details: {
        issues: ["url", "events.0", "secret", "more"].map((field) => expect.objectContaining({ field })),
      },
    });
    expect(String(error)).not.toContain("hush");
  });
});

describe("deleting", () => {
  test("removes a webhook, once", async () => {
    const { registerWebhook, deleteWebhook, listWebhooks } = open();
    const { webhook } = await registerWebhook({ url });
    const { webhook: other } = await registerWebhook({ url: "https://other.example/" });
    expect(await deleteWebhook(webhook.id)).toEqual({ removed: true, webhook_id: webhook.id });
    expect(await deleteWebhook(webhook.id)).toEqual({ removed: false, webhook_id: webhook.id });
    expect(await listWebhooks()).toEqual([other]);
  });
});

test("diagnostics are told of what was registered and deleted", async () => {
  const { registerWebhook, deleteWebhook, events, metrics } = open();
  const { webhook } = await registerWebhook({ url });
  await registerWebhook({ url });
  await deleteWebhook(webhook.id);
  expect(events).toEqual([
    { name: "integrations.webhook.registered", attributes: { webhook_id: webhook.id, created: true } },
    { name: "integrations.webhook.registered", attributes: { webhook_id: webhook.id, created: false } },
    { name: "integrations.webhook.deleted", attributes: { webhook_id: webhook.id, removed: true } },
  ]);
  expect(metrics).toEqual([
    { name: "integrations.webhook.registered", value: 1, attributes: { created: true } },
    { name: "integrations.webhook.registered", value: 1, attributes: { created: false } },
    { name: "integrations.webhook.deleted", value: 1, attributes: { removed: true } },
  ]);
});
