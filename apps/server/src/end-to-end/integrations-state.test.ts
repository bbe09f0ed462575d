import { rm } from "node:fs/promises";
import { signAmsSignature, verifyWebhook } from "@core/outbound";
import { testEngines } from "@core/database/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventSchema } from "../http/integrations-state/event-document.ts";
import { stateSchema } from "../http/integrations-state/state-documents.ts";
import { startReceiver } from "../testing/receiver.ts";
import type { ServerDatabase } from "../testing/server-database.ts";
import { createServerDatabase } from "../testing/server-database.ts";
import type { ServerProcess } from "../testing/server-process.ts";
import { makeDataDir, startServerProcess } from "../testing/server-process.ts";

const env = { OUTBOUND_ALLOW: "127.0.0.0/8" };
const ROOT = "/api/v1/integrations";

describe.each(testEngines)("webhooks and notifications over HTTP on %s", (engine) => {
  let database: ServerDatabase;
  let dataDir: string;
  let server: ServerProcess;
  const start = (): Promise<ServerProcess> =>
    startServerProcess({ dataDir, env: { ...database.env, ...env } });

  beforeAll(async () => {
    database = await createServerDatabase(engine);
    dataDir = await makeDataDir();
    server = await start();
  });

  afterAll(async () => {
    await server.dispose();
    await database.dispose();
    await rm(dataDir, { recursive: true });
  });

  it("an event reaches a webhook that was registered before a kill -9, signed with the secret shown once", async () => {
    await using receiver = await startReceiver();
    const url = `${receiver.url}/hidden/path`;
    const registered = await server.request(`${ROOT}/webhooks`, {
      url,
      events: ["error"],
      generate_secret: true,
    });
    const { secret, webhook } = (await registered.json()) as Registration;
    await server.kill("SIGKILL");
    const killed = server;
    server = await start();

    const emitted = await server.request(`${ROOT}/events`, {
      event: "error",
      payload: { a: 1 },
      event_id: "e1",
    });
    expect(await emitted.json()).toMatchObject({ event_id: "e1", sent: 1, failed: 0, skipped: 0 });
    const [request] = await receiver.received(1);
    if (request === undefined) throw new Error("Nothing came.");
    const { headers, body, path } = request;
    expect(verifyWebhook({ headers, rawBody: body, secrets: [secret] })).toMatchObject({ id: "e1" });
    expect(headers["x-ams-signature"]).toBe(signAmsSignature(body, secret)["X-AMS-Signature"]);
    expect(eventSchema.safeParse(JSON.parse(body)).error).toBeUndefined();
    expect([path, JSON.parse(body)]).toEqual([
      "/hidden/path",
      expect.objectContaining({ event: "error", data: { a: 1 } }),
    ]);

    const skipped = await server.request(`${ROOT}/events`, { event: "task.sync" });
    expect(await skipped.json()).toMatchObject({ sent: 0, failed: 0, skipped: 1, deliveries: [] });
    const state = await (await server.request(`${ROOT}/state`)).text();
    expect(JSON.parse(state)).toMatchObject({ webhooks: [{ id: webhook.id, has_secret: true }] });
    expect(stateSchema.safeParse(JSON.parse(state)).error).toBeUndefined();
    for (const text of [state, killed.output(), server.output()]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain("hidden");
    }
    const removed = await server.request(`${ROOT}/webhooks/${webhook.id}`, undefined, "DELETE");
    expect(removed.status).toBe(204);
  });

  it("a notification goes to the default destination of its channel, and into the history", async () => {
    await using receiver = await startReceiver();
    const destination = { channel: "webhook", url: `${receiver.url}/hidden/place` };
    expect((await server.request(`${ROOT}/destinations/ops`, destination, "PUT")).status).toBe(201);
    const sent = await server.request(`${ROOT}/notifications`, { channel: "webhook", message: "Hello" });
    expect(await sent.json()).toMatchObject({
      success: true,
      delivered: true,
      delivery: { status: "delivered", destination: "ops", http_status: 200 },
    });
    expect(receiver.requests).toMatchObject([{ path: "/hidden/place" }]);
    expect(receiver.requests[0]?.body).toContain("Hello");

    receiver.answerWith({ status: 404 });
    const lost = await server.request(`${ROOT}/notifications`, { channel: "webhook", message: "Again" });
    expect([lost.status, await lost.json()]).toEqual([
      200,
      expect.objectContaining({ success: false, delivered: false }),
    ]);
    const state = await (await server.request(`${ROOT}/state`)).text();
    expect(JSON.parse(state)).toMatchObject({
      notifications: [
        { message: "Again", delivered: false },
        { message: "Hello", delivered: true },
      ],
      destinations: [{ name: "ops", is_default: true }],
    });
    expect(stateSchema.safeParse(JSON.parse(state)).error).toBeUndefined();
    expect(state + server.output()).not.toContain("hidden");
  });

  it("what cannot be meant is refused by field, all at once, and changes nothing", async () => {
    const before = await (await server.request(`${ROOT}/state`)).json();
    const answers = await Promise.all([
      server.request(`${ROOT}/webhooks`, { url: "ftp://example.org", events: [] }),
      server.request(`${ROOT}/webhooks`, { url: "http://169.254.169.254/latest" }),
      server.request(`${ROOT}/destinations/Ops`, { channel: "pigeon", url: "https://example.org" }, "PUT"),
      server.request(`${ROOT}/notifications`, { channel: "pigeon", message: "" }),
      server.request(`${ROOT}/git-auto-commit`, { on_events: [] }, "PATCH"),
      server.request(`${ROOT}/events`, { event: "error", event_id: "a.b" }),
    ]);
    expect(await Promise.all(answers.map(refusedFields))).toEqual([
      ["url", "events"],
      ["url"],
      ["name", "channel"],
      ["message", "channel"],
      ["on_events"],
      ["event_id"],
    ]);
    expect(await (await server.request(`${ROOT}/state`)).json()).toEqual(before);
  });
});

interface Registration {
  readonly secret: string;
  readonly webhook: { readonly id: string };
}

async function refusedFields(response: Response): Promise<readonly string[]> {
  const { code, errors } = (await response.json()) as { code: string; errors: { field: string }[] };
  expect([response.status, code]).toEqual([422, "INTEGRATIONS_INPUT_INVALID"]);
  return errors.map(({ field }) => field);
}
