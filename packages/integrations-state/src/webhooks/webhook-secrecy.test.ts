import { inspect } from "node:util";
import { generateWebhookSecret } from "@core/outbound";
import { createDeliveryContext, deliveryOf } from "@core/testing";
import { expect, test } from "vitest";
import { startHttpReceiver } from "../../test/http-receiver.ts";
import { integrationsParts } from "../../test/integrations-parts.ts";
import { createWebhooks } from "./create-webhooks.ts";
import { createWebhookEventDispatcher } from "./webhook-event-dispatcher.ts";

const secrets = [generateWebhookSecret(), "a literal secret", "whsec_no-base64-at-all"];
const path = "t0ken-of-the-path";

test("whatever happens, no secret and no path of a URL is told to anybody", async () => {
  await using receiver = await startHttpReceiver((request, response) => {
    const status = Number(/\d{3}/.exec(request.url ?? "")?.[0]);
    if (status === 0 || Number.isNaN(status)) return request.socket.destroy();
    response.writeHead(status, { location: `/${path}` }).end(request.headers["x-ams-signature"]);
  });
  await using parts = integrationsParts();
  const webhooks = createWebhooks(parts, { retries: 0 });
  const told: unknown[] = [];
  const tell = async (doing: Promise<unknown>): Promise<void> => {
    told.push(await doing.catch((error: unknown) => error));
  };

  const urls = [200, 302, 404, 410, 500].map((status) => `${receiver.url}/${status}/${path}`);
  const unreachable = ["http://127.0.0.1:1", "http://does-not-exist.invalid", receiver.url];
  for (const [index, url] of [
    ...urls,
    ...unreachable.map((origin) => `${origin}/${path}?key=${path}`),
  ].entries()) {
    const { secret, webhook, ...registration } = await webhooks.registerWebhook({
      url,
      ...(index % 3 === 2 ? { generate_secret: true } : { secret: secrets[index % 3] ?? "" }),
    });
    if (secret !== undefined) secrets.push(secret);
    told.push(registration, { ...webhook, url: "" });
  }
  await tell(
    webhooks.registerWebhook({ url: `ftp://example.com/${path}`, secret: "whsec_no-base64-at-all" }),
  );
  await tell(webhooks.registerWebhook({ url: `https://user:${secrets[1]}@example.com/${path}` }));
  await tell(webhooks.registerWebhook({ url: `http://10.0.0.1/${path}`, secret: "a literal secret" }));
  const dispatcher = createWebhookEventDispatcher(parts);
  for (const { id } of await webhooks.listWebhooks()) {
    const payload = { event: "error", data: null };
    const delivery = deliveryOf({ kind: "webhook_event", payload, target: { webhook_id: id } });
    const { answer: _, ...outcome } = {
      answer: null,
      ...(await dispatcher.deliver(delivery, createDeliveryContext())),
    };
    told.push(outcome);
  }
  await tell(webhooks.emitWebhookEvent("error", { a: 1 }));
  await parts.store.update((state) => {
    for (const one of state.webhooks) {
      delete one.disabled_at;
      one.url = one.url.replace("http://does-not-exist.invalid", "gopher://a:b@host");
      if (one.url.includes("404")) one.secret = `enc:v1:00000000:${path}`;
    }
  });
  await tell(webhooks.emitWebhookEvent("error", { a: 1 }));
  const broken = { send: () => Promise.reject(new Error("No.")) };
  await tell(createWebhooks(parts, { outbox: broken }).emitWebhookEvent("error"));
  const [first] = await webhooks.listWebhooks();
  await tell(webhooks.deleteWebhook(first?.id ?? ""));

  const { metrics, events, errors, logger } = parts;
  expect(metrics.length * events.length * errors.length * logger.entries.length).toBeGreaterThan(0);
  const text = inspect({ told, metrics, events, errors, log: logger.entries }, COMPLETELY);
  expect(text).toContain(`${receiver.url}/…`);
  for (const hidden of [...secrets, ...secrets.map((one) => one.slice(6)), path, "a:b@"]) {
    expect(text.includes(hidden), `${hidden} is told`).toBe(false);
  }
});

const COMPLETELY = {
  depth: null,
  maxArrayLength: null,
  maxStringLength: null,
  showHidden: true,
  breakLength: Number.POSITIVE_INFINITY,
} as const;
