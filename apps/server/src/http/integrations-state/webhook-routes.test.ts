import type { WebhookInput } from "@core/integrations-state";
import { IntegrationsError } from "@core/integrations-state";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createFakeIntegrations } from "../../testing/fake-integrations.ts";
import { createTestApp, problemOf } from "../../testing/test-app.ts";
import { webhookSchema } from "./state-documents.ts";

const WEBHOOKS = "/api/v1/integrations/webhooks";
const url = "https://hooks.example.org/secret/path?token=t";

describe("webhooks over HTTP", () => {
  test("one is registered once, changed then, and listed without secret and path", async () => {
    const { get, post } = createTestApp();
    const first = await post(WEBHOOKS, { url, secret: "whsec_hidden" });
    const second = await post(WEBHOOKS, { url });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(await first.json()).toMatchObject({
      created: true,
      webhook: { url: "https://hooks.example.org/…" },
    });
    expect(await second.json()).toMatchObject({ created: false, warnings: [] });
    const list = await (await get(WEBHOOKS)).json();
    expect(z.strictObject({ items: z.array(webhookSchema).length(1) }).safeParse(list).error).toBeUndefined();
    expect(JSON.stringify(list)).not.toMatch(/hidden|path|token/);
  });

  test("a secret that was made is shown in this one answer", async () => {
    const fake = createFakeIntegrations();
    const asked: WebhookInput[] = [];
    const { get, post } = createTestApp({
      integrationsState: {
        ...fake,
        async registerWebhook(input) {
          asked.push(input);
          return { ...(await fake.registerWebhook(input)), secret: "whsec_made" };
        },
      },
    });
    const response = await post(WEBHOOKS, { url, generate_secret: true, events: ["error"] });
    expect(await response.json()).toMatchObject({ secret: "whsec_made" });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(asked).toEqual([{ url, generate_secret: true, events: ["error"] }]);
    expect(await (await get(WEBHOOKS)).text()).not.toContain("whsec_made");
  });

  test("one that is deleted is gone, and cannot be deleted again", async () => {
    const { get, post, send } = createTestApp();
    const { webhook } = (await (await post(WEBHOOKS, { url })).json()) as { webhook: { id: string } };
    expect((await send("DELETE", `${WEBHOOKS}/${webhook.id}`)).status).toBe(204);
    expect(await (await get(WEBHOOKS)).json()).toEqual({ items: [] });
    const again = await send("DELETE", `${WEBHOOKS}/${webhook.id}`);
    expect(await problemOf(again)).toMatchObject({
      status: 404,
      code: "WEBHOOK_NOT_FOUND",
      detail: expect.stringContaining(`GET ${WEBHOOKS}`),
    });
  });

  test.each<[string, object, string, RegExp]>([
    ["no URL", {}, "url", /required/],
    ["a misspelt field", { url, event: ["error"] }, "event", /Did you mean "events"/],
    ["an unknown event", { url, events: ["task.done"] }, "events.0", /one of "session\.start",/],
    ["a secret that is null", { url, secret: null }, "secret", /Expected a string, got null/],
  ])("%s is refused by field", async (_title, body, field, message) => {
    const { get, post } = createTestApp();
    expect(await problemOf(await post(WEBHOOKS, body))).toMatchObject({
      status: 422,
      code: "INTEGRATIONS_INPUT_INVALID",
      detail: expect.stringMatching(/^The webhook was not registered\./),
      errors: [{ field, message: expect.stringMatching(message) }],
    });
    expect(await (await get(WEBHOOKS)).json()).toEqual({ items: [] });
  });

  test("what the state refuses is told in its words, field by field", async () => {
    const issues = [{ field: "url", message: "Give http or https." }];
    const refusal = new IntegrationsError({
      code: "INTEGRATIONS_INPUT_INVALID",
      message: "The webhook was not registered. url: Give http or https.",
      details: { issues },
    });
    const registerWebhook = (): Promise<never> => Promise.reject(refusal);
    const integrationsState = { ...createFakeIntegrations(), registerWebhook };
    const response = await createTestApp({ integrationsState }).post(WEBHOOKS, { url: "ftp://x" });
    expect(await problemOf(response)).toMatchObject({ status: 422, detail: refusal.message, errors: issues });
  });
});
