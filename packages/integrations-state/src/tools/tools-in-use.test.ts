import { createOutbound } from "@core/outbound";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HttpReceiver } from "../../test/http-receiver.ts";
import { startHttpReceiver } from "../../test/http-receiver.ts";
import { createIntegrations } from "../create-integrations.ts";
import type { Integrations } from "../integrations.ts";
import { createMemoryStore } from "../testing/memory-store.ts";
import { integrationTools } from "./integration-tools.ts";

/** Stands in every secret and every path, and in no answer. */
const CANARY = "very-private";

let receiver: HttpReceiver;
let integrations: Integrations;
const answers: string[] = [];

beforeAll(async () => {
  receiver = await startHttpReceiver((_request, response) => response.end("ok"));
  const outbound = createOutbound({ allow: ["127.0.0.0/8"] });
  integrations = createIntegrations({ store: createMemoryStore(), outbound });
  await integrations.setDestination({
    name: "team",
    channel: "slack",
    url: `${receiver.url}/slack/${CANARY}`,
  });
  await integrations.registerWebhook({
    url: `${receiver.url}/hook/${CANARY}`,
    events: ["task.created"],
    secret: `${CANARY}-secret`,
  });
});
afterAll(async () => {
  await integrations.close();
  await receiver[Symbol.asyncDispose]();
});

/** What a tool answers; a fault fails the test. */
async function use(name: string, args: object = {}): Promise<unknown> {
  const tool = integrationTools(integrations).find((one) => one.name === name);
  const answer = await tool?.handler(args);
  answers.push(JSON.stringify(answer));
  expect(answer).toMatchObject({ isError: false });
  return answer?.isError === false ? answer.structuredContent : null;
}

test("a webhook is registered, told of an event, changed and deleted", async () => {
  const url = `${receiver.url}/mine/${CANARY}`;
  const first = await use("integration_webhook_register", { url, events: ["error"] });
  const second = await use("integration_webhook_register", { url, events: ["error", "session.end"] });
  expect([first, second]).toMatchObject([{ created: true }, { created: false }]);
  const { webhooks } = (await use("integration_webhook_list")) as {
    webhooks: { id: string; events: string[] }[];
  };
  expect(webhooks.map(({ events }) => events)).toEqual([["task.created"], ["error", "session.end"]]);

  const report = await use("integration_emit_event", { eventName: "session.end", payload: { session: 1 } });
  expect(report).toMatchObject({
    sent: 1,
    failed: 0,
    skipped: 1,
    deliveries: [{ status: "delivered", http_status: 200 }],
  });
  expect(String(receiver.requests.at(-1)?.body)).toContain(`"session":1`);

  const webhookId = webhooks[1]?.id;
  expect(await use("integration_webhook_delete", { webhookId })).toEqual({
    removed: true,
    webhook_id: webhookId,
  });
  expect(await use("integration_webhook_delete", { webhookId })).toEqual({
    removed: false,
    webhook_id: webhookId,
  });
});

test("a notification goes to the channel's default destination, or to the one that is named", async () => {
  for (const destination of [{}, { destination: "team" }]) {
    const report = await use("integration_notify", { channel: "slack", message: "Hello", ...destination });
    expect(report).toMatchObject({ success: true, delivered: true, delivery: { destination: "team" } });
    expect(receiver.requests.at(-1)).toMatchObject({ path: `/slack/${CANARY}` });
  }
  const nowhere = await use("integration_notify", { channel: "discord", message: "Hello", priority: "high" });
  expect(nowhere).toMatchObject({
    delivered: false,
    priority: "high",
    delivery: { status: "not_configured" },
  });
});

test("a destination that does not exist is a fault that says where the names are", async () => {
  const tool = integrationTools(integrations).find(({ name }) => name === "integration_notify");
  const answer = await tool?.handler({ channel: "slack", message: "Hello", destination: "teem" });
  expect(answer).toMatchObject({
    isError: true,
    fault: { code: "DESTINATION_NOT_FOUND", hint: expect.stringContaining("integrations_state") },
  });
});

test("git auto-commit is shown and changed in part", async () => {
  expect(await use("integration_git_auto_commit_set", { enabled: true })).toMatchObject({ enabled: true });
  const changed = { enabled: true, on_events: ["task.completed"] };
  expect(await use("integration_git_auto_commit_set", { on_events: ["task.completed"] })).toEqual(changed);
  expect(await use("integration_git_auto_commit_get")).toEqual(changed);
});

test("the state shows all of it, and no answer of any tool holds a secret or a path", async () => {
  expect(await use("integrations_state")).toMatchObject({
    version: 1,
    webhooks: [{ url: `${receiver.url}/…`, has_secret: true }],
    destinations: [{ name: "team", is_default: true }],
    notifications: [{ channel: "discord" }, { channel: "slack" }, { channel: "slack" }],
  });
  expect(answers.length).toBeGreaterThan(10);
  expect(answers.join("\n")).not.toContain(CANARY);
});
