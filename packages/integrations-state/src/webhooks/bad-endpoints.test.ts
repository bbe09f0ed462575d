import type { RequestListener, ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { startHttpReceiver } from "../../test/http-receiver.ts";
import type { HttpReceiver } from "../../test/http-receiver.ts";
import { integrationsParts } from "../../test/integrations-parts.ts";
import { createWebhooks } from "./create-webhooks.ts";

test("of a hundred endpoints four are bad, and the others get the event while no time passes", async () => {
  const start = async (answer: RequestListener): Promise<HttpReceiver> => {
    const receiver = await startHttpReceiver(answer);
    onTestFinished(() => receiver[Symbol.asyncDispose]());
    return receiver;
  };
  const inside = await start((_, response) => response.end());
  const bad = {
    hanging: await start(() => undefined),
    failing: await start((_, response) => response.writeHead(500).end()),
    redirecting: await start((_, response) => response.writeHead(307, { location: inside.url }).end()),
    dripping: await start((_, response) => drip(response)),
  };
  const well = await Promise.all(Array.from({ length: 96 }, () => start((_, response) => response.end())));
  await using parts = integrationsParts();
  const { clock } = parts;
  const { registerWebhook, emitWebhookEvent } = createWebhooks(parts, { retries: 1, timeoutMs: 5_000 });
  for (const { url } of [...Object.values(bad), ...well]) await registerWebhook({ url: `${url}/hook` });

  const emission = emitWebhookEvent("task.completed", { task_id: "t1" });
  await eventually(() => arrivals(...well) === 96);
  expect(clock.now()).toBe(Date.parse("2026-01-01T00:00:00Z"));

  await eventually(() => arrivals(...Object.values(bad)) === 4 && clock.waits().includes(100));
  clock.advance(100);
  await eventually(() => arrivals(bad.failing) === 2);
  clock.advance(4_900);
  await eventually(() => clock.waits().filter((waitMs) => waitMs === 100).length === 2);
  clock.advance(100);
  await eventually(() => arrivals(bad.hanging, bad.dripping) === 4);
  clock.advance(5_000);

  const { deliveries, ...counts } = await emission;
  expect(counts).toMatchObject({ sent: 96, failed: 4, skipped: 0 });
  expect(deliveries.slice(0, 4)).toMatchObject([
    { status: "failed", http_status: null, attempts: 2, error: { code: "timeout" } },
    { status: "failed", http_status: 500, attempts: 2, error: { code: "http_500" } },
    { status: "failed", http_status: 307, attempts: 1, error: { code: "http_307" } },
    { status: "failed", http_status: null, attempts: 2, error: { code: "timeout" } },
  ]);
  expect(deliveries.slice(4)).toEqual(
    deliveries.slice(4).map((delivery) => ({
      ...delivery,
      status: "delivered",
      http_status: 200,
      attempts: 1,
      error: null,
    })),
  );
  expect(inside.connections()).toBe(0);
  expect(arrivals(...well)).toBe(96);
  expect(clock.now() - Date.parse("2026-01-01T00:00:00Z")).toBe(10_100);
}, 30_000);

/** Begins an answer and sends a byte of it now and then, without an end. */
function drip(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write("."), 5);
  response.on("close", () => clearInterval(timer));
}

function arrivals(...receivers: readonly HttpReceiver[]): number {
  return receivers.reduce((sum, { requests }) => sum + requests.length, 0);
}

/** Waits for the network, which has no time of its own. */
async function eventually(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await setImmediate();
}
