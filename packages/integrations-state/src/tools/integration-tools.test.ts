import type { LogFields } from "@core/registry";
import { silentLogger } from "@core/registry";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { IntegrationsError } from "../errors.ts";
import type { Integrations } from "../integrations.ts";
import type { WebhookSummary } from "../webhooks/webhooks.ts";
import type { ToolAnswer } from "./integration-tool.ts";
import type { IntegrationToolsOptions } from "./integration-tools.ts";
import { integrationTools } from "./integration-tools.ts";

const names = [
  "integrations_state",
  "integration_webhook_list",
  "integration_webhook_register",
  "integration_webhook_delete",
  "integration_git_auto_commit_get",
  "integration_git_auto_commit_set",
  "integration_notify",
  "integration_emit_event",
];

const webhook: WebhookSummary = {
  id: "wh_1",
  url: "https://hooks.example.com/services/very-private",
  events: ["task.created"],
  has_secret: true,
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
};

/** Calls one tool of an instance that can do only what is given. */
async function call(
  name: string,
  args: unknown,
  integrations: Partial<Integrations> = {},
  options: IntegrationToolsOptions = {},
): Promise<ToolAnswer> {
  const tool = integrationTools(integrations as Integrations, options).find((one) => one.name === name);
  if (tool === undefined) throw new Error(`There is no tool ${name}.`);
  return tool.handler(args);
}

describe("the tools as they are offered", () => {
  test.each(names)("%s is described as it was reviewed", (name) => {
    const tool = integrationTools({} as Integrations).find((one) => one.name === name);
    expect(
      tool && {
        ...tool,
        inputSchema: z.toJSONSchema(tool.inputSchema),
        outputSchema: z.toJSONSchema(tool.outputSchema),
      },
    ).toMatchSnapshot({ handler: expect.any(Function) });
  });

  test("have the names of the reference, always in the same order", () => {
    expect(integrationTools({} as Integrations).map(({ name }) => name)).toEqual(names);
  });

  test("only read in read-only mode", () => {
    const tools = integrationTools({} as Integrations, { readOnly: true });
    expect(tools.map(({ name }) => name)).toEqual([
      "integrations_state",
      "integration_webhook_list",
      "integration_git_auto_commit_get",
    ]);
  });

  test("have schemas without references, which not every client can follow", () => {
    const schemas = integrationTools({} as Integrations).flatMap((tool) => [
      tool.inputSchema,
      tool.outputSchema,
    ]);
    expect(JSON.stringify(schemas.map((schema) => z.toJSONSchema(schema)))).not.toContain("$ref");
  });
});

describe("what a model may not give", () => {
  test("an address for a notification is refused, and destinations are named instead", async () => {
    const sendNotification = vi.fn<Integrations["sendNotification"]>();
    const args = { channel: "slack", message: "Hi", webhook_url: "https://hooks.example.com/private" };
    const answer = await call("integration_notify", args, { sendNotification });
    expect(answer).toMatchObject({
      isError: true,
      fault: {
        code: "INTEGRATIONS_INPUT_INVALID",
        message: expect.stringContaining("Nothing was sent."),
        issues: [{ field: "webhook_url", message: expect.stringContaining("`destination`") }],
      },
    });
    expect(JSON.stringify(answer)).not.toContain("private");
    expect(sendNotification).not.toHaveBeenCalled();
  });

  test.each(["a-secret-of-somebody", ""])("the secret %j for a webhook is refused", async (secret) => {
    const registerWebhook = vi.fn<Integrations["registerWebhook"]>();
    const answer = await call(
      "integration_webhook_register",
      { url: "https://example.com", secret },
      { registerWebhook },
    );
    expect(answer).toMatchObject({ isError: true, fault: { issues: [{ field: "secret" }] } });
    expect(JSON.stringify(answer)).not.toContain("somebody");
    expect(registerWebhook).not.toHaveBeenCalled();
  });

  test("both are taken where the operator allows it", async () => {
    const registerWebhook = vi.fn<Integrations["registerWebhook"]>(async () => ({
      created: true,
      webhook,
      warnings: [],
    }));
    const sendNotification = vi.fn<Integrations["sendNotification"]>();
    const allowed = { allowUrls: true };
    const registration = { url: "https://example.com", secret: "s" };
    const notification = { channel: "slack", message: "Hi", webhook_url: "https://example.com" };
    await call("integration_webhook_register", registration, { registerWebhook }, allowed);
    await call("integration_notify", notification, { sendNotification }, allowed);
    expect(registerWebhook).toHaveBeenCalledWith(registration);
    expect(sendNotification).toHaveBeenCalledWith(notification, {});
  });
});

describe("arguments", () => {
  test("that are wrong are all named at once", async () => {
    const args = { channel: 7, message: "", priority: "highest", webhookUrl: "https://example.com" };
    expect(await call("integration_notify", args)).toMatchObject({
      fault: {
        issues: [{ field: "channel" }, { field: "message" }, { field: "priority" }, { field: "webhookUrl" }],
        hint: "Correct the arguments that are named, and call the tool again.",
      },
    });
  });

  test("that name an unknown event are refused with the events there are", async () => {
    expect(await call("integration_emit_event", { eventName: "task.done" })).toMatchObject({
      fault: { message: expect.stringContaining("task.completed") },
    });
    expect(
      await call("integration_webhook_register", { url: "https://example.com", events: [] }),
    ).toMatchObject({
      fault: { issues: [{ field: "events" }] },
    });
  });

  test("may be missing where there are none", async () => {
    const listWebhooks = async (): Promise<WebhookSummary[]> => [];
    expect(await call("integration_webhook_list", undefined, { listWebhooks })).toEqual({
      isError: false,
      structuredContent: { webhooks: [] },
    });
  });
});

describe("answers", () => {
  test("mask the addresses of webhooks, and drop what nobody has described", async () => {
    const leaky = { ...webhook, secret: "whsec_very-private" };
    const state = {
      version: 1,
      updated_at: "",
      webhooks: [leaky],
      notifications: [],
      destinations: [],
    } as const;
    const integrations = {
      listWebhooks: async () => [leaky],
      registerWebhook: async () => ({ created: false, webhook: leaky, secret: "very-private", warnings: [] }),
      getIntegrationState: async () => ({ ...state, git_auto_commit: { enabled: false, on_events: [] } }),
    };
    for (const name of ["integration_webhook_list", "integration_webhook_register", "integrations_state"]) {
      const args = name === "integration_webhook_register" ? { url: webhook.url } : {};
      const answer = JSON.stringify(await call(name, args, integrations));
      expect(answer).toContain(`"url":"https://hooks.example.com/…"`);
      expect(answer).not.toContain("very-private");
    }
  });

  test("of those that send end when the caller goes away", async () => {
    const { signal } = new AbortController();
    const emitWebhookEvent = vi.fn<Integrations["emitWebhookEvent"]>();
    const sendNotification = vi.fn<Integrations["sendNotification"]>();
    const integrations: Partial<Integrations> = { emitWebhookEvent, sendNotification };
    const [notify, emit] = integrationTools(integrations as Integrations).slice(-2);
    await emit?.handler({ eventName: "error", payload: { a: [1] } }, { signal });
    await notify?.handler({ channel: "slack", message: "Hi" }, { signal });
    expect(emitWebhookEvent).toHaveBeenCalledWith("error", { a: [1] }, { signal });
    expect(sendNotification).toHaveBeenCalledWith({ channel: "slack", message: "Hi" }, { signal });
  });
});

describe("faults", () => {
  const failing = (error: unknown): Partial<Integrations> => ({
    sendNotification: vi.fn<Integrations["sendNotification"]>().mockRejectedValue(error),
  });
  const notification = { channel: "slack", message: "Hi" };

  test("that the caller can mend are told as they are, with a hint", async () => {
    const message = `There is no destination "teem". Use one of "team".`;
    const error = new IntegrationsError({ code: "DESTINATION_NOT_FOUND", message });
    expect(await call("integration_notify", notification, failing(error))).toEqual({
      isError: true,
      fault: { code: "DESTINATION_NOT_FOUND", message, hint: expect.stringContaining("integrations_state") },
    });
  });

  test.each([
    [true, "STATE_LOCK_TIMEOUT", "Try again in a moment."],
    [false, "STATE_CORRUPT", "Trying again will not help. Tell whoever runs this server."],
  ] as const)(
    "of the server (retryable: %s) keep their code and tell no internals",
    async (retryable, code, hint) => {
      const error = new IntegrationsError({ code, message: "/var/lib/private/state.json is bad", retryable });
      const answer = await call("integration_notify", notification, failing(error));
      expect(answer).toMatchObject({ isError: true, fault: { code, hint } });
      expect(JSON.stringify(answer)).not.toContain("private");
    },
  );

  test("that nobody expected are logged, and answered without internals", async () => {
    const logged: [LogFields, string][] = [];
    const logger = {
      ...silentLogger,
      error: (fields: LogFields, text: string) => void logged.push([fields, text]),
    };
    const error = new TypeError("Cannot read private properties");
    const answer = await call("integration_notify", notification, failing(error), { logger });
    expect(answer).toMatchObject({ isError: true, fault: { code: "TOOL_FAILED" } });
    expect(JSON.stringify(answer)).not.toContain("private");
    expect(logged).toEqual([[{ tool: "integration_notify", err: error }, "A tool failed."]]);
  });
});
