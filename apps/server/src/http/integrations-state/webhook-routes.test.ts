import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createTestApp, problemOf } from "../../testing/test-app.ts";
import { webhookSchema } from "./state-documents.ts";

const WEBHOOKS = "/api/v1/integrations/webhooks";
const url = "https://hooks.example.org/secret/path?token=t";

describe("webhooks over HTTP", () => {
  test("one is registered once, changed then, and listed without secret and path", async () => {
    const { get, post } = createTestApp();
    const first = await post(WEBHOOKS, { url, secret: "hidden" });
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
    const { get, post } = createTestApp();
    const response = await post(WEBHOOKS, { url, generate_secret: true });
    const { secret } = (await response.json()) as { secret: string };
    expect(secret).toMatch(/^whsec_/);
    expect(response.headers.get("cache-control")).toBe("no-store");
    for (const answer of [await get(WEBHOOKS), await post(WEBHOOKS, { url })])
      expect(await answer.text()).not.toContain("whsec_");
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

  test("what its schema cannot judge is refused in the same form, all at once", async () => {
    const response = await createTestApp().post(WEBHOOKS, { url: "ftp://example.org", events: [] });
    expect(await problemOf(response)).toMatchObject({
      status: 422,
      code: "INTEGRATIONS_INPUT_INVALID",
      detail: expect.stringMatching(/^The webhook was not registered\. url: .* events: /),
      errors: [{ field: "url" }, { field: "events" }],
    });
  });
});
