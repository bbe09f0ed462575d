import { generateWebhookSecret, verifyAmsSignature, verifyWebhook } from "@core/outbound";
import type { JsonObject } from "@core/registry";
import { Webhook as ForeignVerifier } from "standardwebhooks";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startHttpReceiver } from "../../test/http-receiver.ts";
import { integrationsParts } from "../../test/integrations-parts.ts";
import { createOutboundDouble, hangs, outboundError } from "../../test/outbound-double.ts";
import type { OutboundDouble, ScriptedAnswer } from "../../test/outbound-double.ts";
import { createWebhooks } from "./create-webhooks.ts";
import type { WebhooksOptions } from "./webhook-settings.ts";
import type { EmitOptions } from "./webhooks.ts";

const url = "https://example.com/hook";
const timeout = outboundError("OUTBOUND_TIMEOUT", true);

function open(outbound: OutboundDouble, options: WebhooksOptions = {}) {
  const parts = integrationsParts({ outbound });
  return { ...parts, ...createWebhooks(parts, options), requests: outbound.requests };
}

/** Emits to one webhook, letting time pass until it is over, and tells what became of it and when each attempt was made. */
async function emitTo(
  answer: (number: number) => ScriptedAnswer | Promise<ScriptedAnswer>,
  options: WebhooksOptions = {},
  emitOptions: EmitOptions = {},
) {
  const madeAt: number[] = [];
  const outbound = createOutboundDouble((_, number) => {
    madeAt.push(parts.clock.now() - startedAt);
    return answer(number);
  });
  const { registerWebhook, emitWebhookEvent, ...parts } = open(outbound, options);
  await registerWebhook({ url, secret: generateWebhookSecret() });
  const startedAt = parts.clock.now();
  const emission = emitWebhookEvent("error", { n: 1 }, emitOptions);
  await parts.clock.elapse(700_000);
  const { deliveries, ...counts } = await emission;
  return { ...parts, counts, delivery: deliveries[0], madeAt };
}

describe("an event", () => {
  test("goes to those who want it, and the others are skipped", async () => {
    const { registerWebhook, store, emitWebhookEvent, requests } = open(
      createOutboundDouble(() => ({ status: 204 })),
    );
    await registerWebhook({ url: "https://all.example/secret-path" });
    await registerWebhook({ url: "https://some.example/", events: ["error", "task.sync"] });
    await registerWebhook({ url: "https://others.example/", events: ["task.sync"] });
    const { webhook: disabled } = await registerWebhook({ url: "https://disabled.example/" });
    await store.update(({ webhooks }) => {
      for (const one of webhooks) if (one.id === disabled.id) one.disabled_at = "2026-01-01T00:00:00.000Z";
    });
    const [all, some] = (await store.read()).webhooks;
    const delivered = { status: "delivered", http_status: 204, attempts: 1, error: null };
    expect(await emitWebhookEvent("error")).toEqual({
      event_id: expect.stringMatching(/^[\da-f-]{36}$/),
      sent: 2,
      failed: 0,
      skipped: 2,
      deliveries: [
        { webhook_id: all?.id, url: "https://all.example/…", ...delivered },
        { webhook_id: some?.id, url: "https://some.example/", ...delivered },
      ],
    });
    expect(requests.map((one) => one.url)).toEqual([
      "https://all.example/secret-path",
      "https://some.example/",
    ]);
  });

  test("without webhooks goes to nobody", async () => {
    const { emitWebhookEvent } = open(createOutboundDouble(() => timeout));
    expect(await emitWebhookEvent("error", {}, { event_id: "e1" })).toEqual({
      event_id: "e1",
      sent: 0,
      failed: 0,
      skipped: 0,
      deliveries: [],
    });
  });

  test("is its id, its name, its time and its data, and has an id of its own each time", async () => {
    const { registerWebhook, emitWebhookEvent, requests } = open(
      createOutboundDouble(() => ({ status: 200 })),
    );
    await registerWebhook({ url });
    const { event_id } = await emitWebhookEvent("task.created", { task: { id: 7 }, text: "ß 👩‍👩‍👧" });
    const again = await emitWebhookEvent("task.created");
    expect(again.event_id).not.toBe(event_id);
    expect(requests.map(({ body }) => Buffer.from(body ?? "").toString())).toEqual([
      `{"id":"${event_id}","event":"task.created","timestamp":"2026-01-01T00:00:00.000Z","data":{"task":{"id":7},"text":"ß 👩‍👩‍👧"}}`,
      `{"id":"${again.event_id}","event":"task.created","timestamp":"2026-01-01T00:00:00.000Z","data":{}}`,
    ]);
  });

  const circle: Record<string, unknown> = {};
  circle["circle"] = circle;

  test.each<[string, unknown, unknown, unknown, string, string]>([
    [
      "that does not exist",
      "task.made",
      {},
      undefined,
      "eventName",
      '"task.made" is not an event. Use one of: session.start',
    ],
    ["with a list as payload", "error", [1], undefined, "payload", "Give an object"],
    ["with a circle in it", "error", circle, undefined, "payload", "Give an object"],
    ["with a BigInt in it", "error", { n: 1n }, undefined, "payload", "Give an object"],
    ["with a dot in its id", "error", {}, "a.b", "event_id", "without dot or comma"],
    ["with an id that is too long", "error", {}, "x".repeat(256), "event_id", "1 to 255"],
    ["with an empty id", "error", {}, "", "event_id", "without dot or comma"],
  ])("%s is refused", async (_, name, payload, event_id, field, message) => {
    const { emitWebhookEvent, registerWebhook, requests } = open(createOutboundDouble(() => timeout));
    await registerWebhook({ url });
    const options = { event_id } as EmitOptions;
    await expect(emitWebhookEvent(name as string, payload as JsonObject, options)).rejects.toMatchObject({
      code: "INTEGRATIONS_INPUT_INVALID",
      details: { issues: [{ field, message: expect.stringContaining(message) }] },
    });
    expect(requests).toEqual([]);
  });
});

describe("over a real network", () => {
  test("the body is signed by the literal secret, and by Standard Webhooks if that is one", async () => {
    await using receiver = await startHttpReceiver((_, response) => response.end());
    await using parts = integrationsParts();
    const { registerWebhook, emitWebhookEvent } = createWebhooks(parts);
    const standard = generateWebhookSecret();
    await registerWebhook({ url: `${receiver.url}/standard`, secret: standard });
    await registerWebhook({ url: `${receiver.url}/literal`, secret: "ein Geheimnis ✓" });
    await registerWebhook({ url: `${receiver.url}/unsigned` });
    expect(await emitWebhookEvent("error", { a: 1 }, { event_id: "evt_1" })).toMatchObject({ sent: 3 });

    const got = new Map(receiver.requests.map((request) => [request.path, request]));
    const signed = got.get("/standard");
    const now = new Date(parts.clock.now());
    const verified = verifyWebhook({
      headers: signed?.headers ?? {},
      rawBody: signed?.body ?? "",
      secrets: [standard],
      now,
    });
    expect(verified).toEqual({ id: "evt_1", timestamp: now });
    for (const [path, secret] of [
      ["/standard", standard],
      ["/literal", "ein Geheimnis ✓"],
    ] as const) {
      const { headers, body } = got.get(path) ?? {};
      expect(verifyAmsSignature(body ?? "", secret, String(headers?.["x-ams-signature"]))).toBe(true);
    }
    expect(got.get("/literal")?.headers).not.toHaveProperty("webhook-signature");
    expect(got.get("/unsigned")?.headers).not.toHaveProperty("x-ams-signature");
    for (const { method, headers, body } of receiver.requests) {
      expect({ method, headers }).toMatchObject({
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "agent-integrations-webhook/1",
          "webhook-id": "evt_1",
        },
      });
      expect(body).toEqual(signed?.body);
    }
  });
});

test("the secret that a webhook has by now signs, and none does when it has none any more", async () => {
  const { registerWebhook, emitWebhookEvent, requests } = open(createOutboundDouble(() => ({ status: 200 })));
  for (const secret of ["first", "second", ""]) {
    await registerWebhook({ url, secret });
    await emitWebhookEvent("error");
  }
  const verified = requests.map(({ headers = {}, body = "" }) =>
    ["first", "second"].filter((secret) => verifyAmsSignature(body, secret, headers["X-AMS-Signature"])),
  );
  expect(verified).toEqual([["first"], ["second"], []]);
});

test("another library verifies what was sent", async () => {
  const { registerWebhook, emitWebhookEvent, requests, clock } = open(
    createOutboundDouble(() => ({ status: 200 })),
  );
  const secret = generateWebhookSecret();
  await registerWebhook({ url, secret });
  await emitWebhookEvent("error", { text: "ß 👩‍👩‍👧" });
  vi.useFakeTimers({ now: clock.now(), toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const [{ headers = {}, body = "" } = {}] = requests;
  const verified = new ForeignVerifier(secret).verify(Buffer.from(body), headers);
  expect(verified).toMatchObject({ event: "error", data: { text: "ß 👩‍👩‍👧" } });
});

describe("an attempt", () => {
  test.each([408, 429, 500, 503, 599])("that gets %i is made again, 100 ms · 2^n later", async (status) => {
    const { counts, delivery, madeAt } = await emitTo((number) => ({ status: number < 3 ? status : 200 }));
    expect(counts).toMatchObject({ sent: 1, failed: 0 });
    expect(delivery).toMatchObject({ status: "delivered", http_status: 200, attempts: 3, error: null });
    expect(madeAt).toEqual([0, 100, 300]);
  });

  test.each([301, 302, 307, 400, 401, 404, 409, 422])("that gets %i is the last one", async (status) => {
    const { counts, delivery } = await emitTo(() => ({ status }));
    expect(counts).toMatchObject({ sent: 0, failed: 1 });
    expect(delivery).toMatchObject({
      status: "failed",
      http_status: status,
      attempts: 1,
      error: { code: `http_${status}` },
    });
  });

  test.each([
    ["timeout", timeout],
    ["network_error", outboundError("OUTBOUND_NETWORK", true)],
  ])("that ends with a passing %s is made again", async (code, error) => {
    const { delivery, madeAt } = await emitTo(() => error);
    expect(delivery).toMatchObject({ status: "failed", http_status: null, attempts: 3, error: { code } });
    expect(madeAt).toEqual([0, 100, 300]);
  });

  test.each([
    ["network_error", outboundError("OUTBOUND_NETWORK")],
    ["address_refused", outboundError("OUTBOUND_ADDRESS_REFUSED")],
    ["url_invalid", outboundError("OUTBOUND_URL_INVALID")],
  ])("that ends with a %s that will not pass is the last one", async (code, error) => {
    expect((await emitTo(() => error)).delivery).toMatchObject({ attempts: 1, error: { code } });
  });

  test.each([
    ["in seconds", "7"],
    ["as a date", "Thu, 01 Jan 2026 00:00:07 GMT"],
  ])("is not made before Retry-After says so, %s", async (_, header) => {
    const { madeAt } = await emitTo((number) =>
      number === 1 ? { status: 429, headers: { "retry-after": header } } : { status: 200 },
    );
    expect(madeAt).toEqual([0, 7_000]);
  });

  test("is not made at all when Retry-After is beyond the time for the event", async () => {
    const { delivery, madeAt } = await emitTo(() => ({ status: 429, headers: { "retry-after": "60" } }));
    expect(madeAt).toEqual([0]);
    expect(delivery).toMatchObject({ attempts: 1, error: { code: "http_429" } });
  });

  test("that may not be made in time is not waited for", async () => {
    const answer = { status: 503, headers: { "retry-after": "60" } };
    const { registerWebhook, emitWebhookEvent, clock } = open(createOutboundDouble(() => answer));
    await registerWebhook({ url });
    await emitWebhookEvent("error");
    expect(clock.pending()).toBe(0);
  });

  test("has the same bytes and the same id as the one before, and a time of its own", async () => {
    const outbound = createOutboundDouble((_, number) => ({ status: number < 3 ? 503 : 200 }));
    const { registerWebhook, emitWebhookEvent, clock, requests } = open(outbound);
    const secret = generateWebhookSecret();
    await registerWebhook({ url, secret });
    const emission = emitWebhookEvent("error", { a: 1 });
    for (let second = 0; second < 4; second += 1) await clock.elapse(1_000);
    const { event_id } = await emission;
    const times = requests.map(({ headers = {}, body = "" }) => {
      const timestamp = new Date(Number(headers["webhook-timestamp"]) * 1_000);
      expect(verifyWebhook({ headers, rawBody: body, secrets: [secret], now: timestamp }).id).toBe(event_id);
      return timestamp;
    });
    expect(times).toHaveLength(3);
    expect(new Set(requests.map(({ body }) => Buffer.from(body ?? "").toString())).size).toBe(1);
  });
});

describe("options", () => {
  test.each([
    [-1, 1],
    [0, 1],
    [1.5, 3],
    [5, 6],
    [99, 6],
    [Number.NaN, 3],
  ])("%d retries make %i attempts", async (retries, attempts) => {
    expect((await emitTo(() => timeout, { retries })).delivery?.attempts).toBe(attempts);
  });

  test.each([
    [1, 1_000],
    [2_500, 2_500],
    [1e9, 60_000],
    [undefined, 10_000],
  ])("a timeout of %d is %i ms", async (timeoutMs, expected) => {
    const outbound = createOutboundDouble(() => ({ status: 200 }));
    const { registerWebhook, emitWebhookEvent } = open(outbound, {
      budgetMs: 600_000,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    await registerWebhook({ url });
    await emitWebhookEvent("error");
    expect(outbound.requests[0]?.timeoutMs).toBe(expected);
  });

  test("the budget ends attempts, waits and all", async () => {
    const outbound = createOutboundDouble((_, number) => (number === 1 ? { status: 500 } : timeout));
    const { registerWebhook, emitWebhookEvent, clock } = open(outbound, { budgetMs: 1_000, retries: 5 });
    await registerWebhook({ url });
    const emission = emitWebhookEvent("error");
    await clock.elapse(1_000);
    expect((await emission).deliveries).toMatchObject([{ attempts: 4, error: { code: "timeout" } }]);
    expect(outbound.requests.map(({ timeoutMs }) => timeoutMs)).toEqual([1_000, 900, 700, 300]);
  });

  test("of those who wait for a place when the budget is over, nobody was sent to", async () => {
    const outbound = createOutboundDouble(hangs);
    const { registerWebhook, emitWebhookEvent, clock } = open(outbound, { concurrencyPerOrigin: 1 });
    await registerWebhook({ url: "https://example.com/1" });
    await registerWebhook({ url: "https://example.com/2" });
    const controller = new AbortController();
    const emission = emitWebhookEvent("error", {}, { signal: controller.signal });
    await clock.elapse(60_000);
    controller.abort();
    expect((await emission).deliveries).toMatchObject([
      { attempts: 1, error: { code: "aborted" } },
      { attempts: 0, error: { code: "no_place" } },
    ]);
    expect(outbound.requests).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });
});

describe("a caller who wants no more", () => {
  test("ends what is under way, what waits for a place and what waits for its next attempt", async () => {
    const outbound = createOutboundDouble((request) =>
      String(request.url).endsWith("busy") ? { status: 503 } : hangs(request),
    );
    const { registerWebhook, emitWebhookEvent, clock } = open(outbound, { concurrency: 4 });
    await registerWebhook({ url: "https://a.example/busy" });
    await registerWebhook({ url: "https://b.example/1" });
    await registerWebhook({ url: "https://b.example/2" });
    const controller = new AbortController();
    const emission = emitWebhookEvent("error", {}, { signal: controller.signal });
    await clock.elapse(50);
    controller.abort();
    expect(await emission).toMatchObject({
      failed: 3,
      deliveries: [
        { http_status: 503, attempts: 1, error: { code: "http_503" } },
        { attempts: 1, error: { code: "aborted" } },
        { attempts: 0, error: { code: "aborted" } },
      ],
    });
    expect(clock.pending()).toBe(0);
  });

  test("before it begins sends nothing", async () => {
    const { registerWebhook, emitWebhookEvent, requests } = open(createOutboundDouble(hangs));
    await registerWebhook({ url });
    const report = await emitWebhookEvent("error", {}, { signal: AbortSignal.abort() });
    expect(report).toMatchObject({ failed: 1, deliveries: [{ attempts: 0, error: { code: "aborted" } }] });
    expect(requests).toEqual([]);
  });
});

describe("places", () => {
  test("are as many as the option says, for all events together", async () => {
    const outbound = createOutboundDouble(hangs);
    const { registerWebhook, emitWebhookEvent, clock, requests } = open(outbound, { concurrency: 3 });
    for (const name of ["a", "b", "c", "d"]) await registerWebhook({ url: `https://${name}.example/` });
    const controller = new AbortController();
    const emissions = [1, 2].map(() => emitWebhookEvent("error", {}, { signal: controller.signal }));
    await clock.elapse(999);
    expect(requests).toHaveLength(3);
    controller.abort();
    expect(await Promise.all(emissions)).toMatchObject([{ failed: 4 }, { failed: 4 }]);
  });

  test("held by those who hang for a second are free for others then", async () => {
    const outbound = createOutboundDouble((request) =>
      String(request.url).includes("dead") ? hangs(request) : { status: 200 },
    );
    const { registerWebhook, emitWebhookEvent, clock, requests } = open(outbound, { concurrency: 2 });
    for (const name of ["dead1", "dead2", "dead3", "dead4", "well"]) {
      await registerWebhook({ url: `https://${name}.example/` });
    }
    const controller = new AbortController();
    const emission = emitWebhookEvent("error", {}, { signal: controller.signal });
    await clock.elapse(2_000);
    expect(requests).toHaveLength(5);
    controller.abort();
    expect(await emission).toMatchObject({ sent: 1, failed: 4 });
  });

  test("of others are not taken by many events for one who hangs", async () => {
    const outbound = createOutboundDouble((request) =>
      String(request.url).includes("dead") ? hangs(request) : { status: 200 },
    );
    const { registerWebhook, emitWebhookEvent, clock, requests } = open(outbound, { concurrency: 4 });
    for (const name of ["dead", "well"]) await registerWebhook({ url: `https://${name}.example/` });
    const controller = new AbortController();
    const emissions = Array.from({ length: 50 }, () =>
      emitWebhookEvent("error", {}, { signal: controller.signal }),
    );
    await clock.elapse(0);
    expect(requests.filter((request) => String(request.url).includes("well"))).toHaveLength(50);
    expect(requests).toHaveLength(51);
    controller.abort();
    expect(await Promise.all(emissions)).toEqual(
      emissions.map(() => expect.objectContaining({ sent: 1, failed: 1 })),
    );
  });

  test("are not held while an attempt waits for its time", async () => {
    const outbound = createOutboundDouble((request) =>
      String(request.url).includes("busy")
        ? { status: 429, headers: { "retry-after": "30" } }
        : { status: 200 },
    );
    const { registerWebhook, emitWebhookEvent, clock, requests } = open(outbound, {
      concurrency: 1,
      retries: 1,
    });
    for (const name of ["busy", "well"]) await registerWebhook({ url: `https://${name}.example/` });
    const emission = emitWebhookEvent("error");
    await clock.elapse(0);
    expect(requests).toHaveLength(2);
    await clock.elapse(30_000);
    expect(await emission).toMatchObject({ sent: 1, failed: 1 });
  });
});

describe("a receiver that answers 410", () => {
  test("is disabled, and told of", async () => {
    const { registerWebhook, emitWebhookEvent, listWebhooks, events, metrics, logger, requests } = open(
      createOutboundDouble(() => ({ status: 410 })),
    );
    const { webhook } = await registerWebhook({ url });
    expect(await emitWebhookEvent("error")).toMatchObject({
      failed: 1,
      deliveries: [{ http_status: 410, attempts: 1, error: { code: "gone" } }],
    });
    expect(await listWebhooks()).toEqual([{ ...webhook, disabled_at: "2026-01-01T00:00:00.000Z" }]);
    expect(events).toContainEqual({
      name: "integrations.webhook.disabled",
      attributes: { webhook_id: webhook.id, reason: "gone" },
    });
    expect(metrics).toContainEqual({ name: "integrations.webhook.disabled", value: 1, attributes: {} });
    expect(logger.entries).toContainEqual(
      expect.objectContaining({ level: "warn", message: expect.stringContaining("Register it again") }),
    );
    expect(await emitWebhookEvent("error")).toMatchObject({ failed: 0, skipped: 1 });
    expect(requests).toHaveLength(1);
    await registerWebhook({ url });
    expect(await emitWebhookEvent("error")).toMatchObject({ failed: 1 });
    expect(requests).toHaveLength(2);
  });

  test("to two events at once is disabled once", async () => {
    const { registerWebhook, emitWebhookEvent, events, clock } = open(
      createOutboundDouble(() => ({ status: 410 })),
    );
    await registerWebhook({ url });
    const emissions = [emitWebhookEvent("error"), emitWebhookEvent("error")];
    await clock.elapse(0);
    expect(await Promise.all(emissions)).toMatchObject([{ failed: 1 }, { failed: 1 }]);
    expect(events.filter(({ name }) => name === "integrations.webhook.disabled")).toHaveLength(1);
  });

  test("stays enabled when it has been registered again meanwhile", async () => {
    const outbound = createOutboundDouble(async () => {
      clock.advance(1);
      await registerWebhook({ url });
      return { status: 410 };
    });
    const { registerWebhook, emitWebhookEvent, listWebhooks, clock } = open(outbound);
    await registerWebhook({ url });
    expect(await emitWebhookEvent("error")).toMatchObject({ failed: 1 });
    expect((await listWebhooks())[0]).not.toHaveProperty("disabled_at");
  });

  test("whose state cannot be written costs the event nothing", async () => {
    const outbound = createOutboundDouble(() => ({ status: 410 }));
    const parts = integrationsParts({ outbound });
    const failing = {
      ...parts,
      store: { ...parts.store, update: () => Promise.reject(new Error("The disk is full.")) },
    };
    await createWebhooks(parts).registerWebhook({ url });
    expect(await createWebhooks(failing).emitWebhookEvent("error")).toMatchObject({ failed: 1 });
    expect(parts.errors).toEqual([
      {
        operation: "integrations.webhook.disable",
        error: expect.objectContaining({ message: "The disk is full." }),
        attributes: { webhook_id: expect.any(String) },
      },
    ]);
  });
});

test("a secret that cannot be opened sends nothing, and the others get the event", async () => {
  const outbound = createOutboundDouble(() => ({ status: 200 }));
  const { registerWebhook, emitWebhookEvent, store, errors } = open(outbound);
  await registerWebhook({ url: "https://sealed.example/", secret: "s" });
  await registerWebhook({ url: "https://well.example/" });
  await store.update(({ webhooks }) => {
    for (const one of webhooks) if (one.secret !== "") one.secret = "enc:v1:00000000:AAAA";
  });
  expect(await emitWebhookEvent("error")).toMatchObject({
    sent: 1,
    failed: 1,
    deliveries: [{ attempts: 0, error: { code: "secret_unreadable" } }, { status: "delivered" }],
  });
  expect(outbound.requests).toHaveLength(1);
  expect(errors).toMatchObject([{ operation: "integrations.webhook.open_secret" }]);
});

test("diagnostics are told of attempts and outcomes", async () => {
  const { metrics, events, logger, delivery, counts } = await emitTo((number) => ({
    status: number === 1 ? 503 : 400,
  }));
  const about = { event: "error" };
  const name = "integrations.webhook";
  expect(metrics.slice(1)).toEqual([
    { name: `${name}.attempt_ms`, value: 0, attributes: { outcome: "http_503" } },
    { name: `${name}.attempt_ms`, value: 0, attributes: { outcome: "http_400" } },
    { name: `${name}.failed`, value: 1, attributes: about },
    { name: `${name}.emit_ms`, value: 100, attributes: about },
  ]);
  const { event_id } = counts;
  const failure = {
    event: "error",
    event_id,
    webhook_id: delivery?.webhook_id,
    code: "http_400",
    http_status: 400,
    attempts: 2,
  };
  expect(events.slice(1)).toEqual([
    { name: `${name}.delivery_failed`, attributes: failure },
    {
      name: `${name}.emitted`,
      attributes: { event: "error", event_id, sent: 0, failed: 1, skipped: 0, took_ms: 100 },
    },
  ]);
  expect(logger.entries).toMatchObject([
    { level: "warn", fields: { ...failure, url: "https://example.com/…" } },
  ]);
});
