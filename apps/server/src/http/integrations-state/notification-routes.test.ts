import type { NotificationOptions } from "@core/integrations-state";
import { createIntegrations } from "@core/integrations-state";
import { createMemoryStore } from "@core/integrations-state/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createTestApp, problemOf } from "../../testing/test-app.ts";
import { reportSchema } from "./notification-report-document.ts";
import { notificationSchema } from "./state-documents.ts";

const NOTIFICATIONS = "/api/v1/integrations/notifications";

describe("notifications over HTTP", () => {
  test("one is sent, and its report is as the document describes it", async () => {
    const response = await createTestApp().post(NOTIFICATIONS, { channel: "email", message: "Hello" });
    const report = await response.json();
    expect(response.status).toBe(200);
    expect(reportSchema.safeParse(report).error).toBeUndefined();
    expect(report).toMatchObject({ channel: "email", delivery: { status: "not_configured" } });
  });

  test("everything that was asked for reaches the channels", async () => {
    const asked: NotificationOptions[] = [];
    const integrationsState = createIntegrations({ store: createMemoryStore() });
    const { post } = createTestApp({
      integrationsState: {
        ...integrationsState,
        sendNotification: (given) => (
          asked.push(given),
          integrationsState.sendNotification({ channel: "email", message: "Hello" })
        ),
      },
    });
    const options = {
      channel: "webhook",
      message: "Hello",
      priority: "high",
      destination: "ops",
      webhook_url: "https://example.org/hook",
      attachments: [{ title: "t" }, 7],
      fallback_destinations: ["spare"],
      dedupe_key: "k",
      timeout_ms: 1,
      retry_count: 99,
    };
    await post(NOTIFICATIONS, options);
    expect(asked).toEqual([options]);
  });

  test("the history has the newest first, as many as were asked for", async () => {
    const { get, post } = createTestApp();
    for (const message of ["one", "two", "three"]) await post(NOTIFICATIONS, { channel: "email", message });
    const page = z.strictObject({ items: z.array(notificationSchema) });
    const all = await (await get(NOTIFICATIONS)).json();
    const newest = await (await get(`${NOTIFICATIONS}?limit=2`)).json();
    expect(page.safeParse(all).error).toBeUndefined();
    expect(all).toMatchObject({ items: [{ message: "three" }, { message: "two" }, { message: "one" }] });
    expect(newest).toMatchObject({ items: [{ message: "three" }, { message: "two" }] });
    for (const query of ["limit=0", "limit=201", "cursor=x"])
      expect((await problemOf(await get(`${NOTIFICATIONS}?${query}`))).code).toBe("QUERY_INVALID");
  });

  test("several mistakes are told at once, and nothing is sent", async () => {
    const { get, post } = createTestApp();
    const body = { chanel: "email", priority: "asap", timeout_ms: "5" };
    expect(await problemOf(await post(NOTIFICATIONS, body))).toMatchObject({
      status: 422,
      code: "INTEGRATIONS_INPUT_INVALID",
      detail: expect.stringMatching(/^The notification was not sent\./),
      errors: [
        { field: "channel" },
        { field: "message" },
        { field: "priority", message: expect.stringContaining('"urgent"') },
        { field: "timeout_ms", message: expect.stringContaining("Expected a number, got a string") },
        { field: "chanel", message: expect.stringContaining('Did you mean "channel"') },
      ],
    });
    expect(await (await get(NOTIFICATIONS)).json()).toEqual({ items: [] });
  });

  test("a destination that there is not is not found", async () => {
    const notification = { channel: "email", message: "Hello", destination: "ops" };
    const response = await createTestApp().post(NOTIFICATIONS, notification);
    expect(await problemOf(response)).toMatchObject({ status: 404, code: "DESTINATION_NOT_FOUND" });
  });
});
