import { createIntegrations } from "@core/integrations-state";
import { createMemoryStore } from "@core/integrations-state/testing";
import { expect, test } from "vitest";
import { createTestApp, problemOf } from "../../testing/test-app.ts";

const EVENTS = "/api/v1/integrations/events";

test("the events are listed, with those that git auto-commit begins with", async () => {
  expect(await (await createTestApp().get(EVENTS)).json()).toEqual({
    events: [
      "session.start",
      "session.end",
      "task.created",
      "task.completed",
      "roadmap.exported",
      "task.sync",
      "error",
    ],
    auto_commit_defaults: ["session.end", "roadmap.exported", "task.sync"],
  });
});

test("an event is emitted with its payload and its id, and the report comes back", async () => {
  const asked: unknown[] = [];
  const integrationsState = createIntegrations({ store: createMemoryStore() });
  const { post } = createTestApp({
    integrationsState: {
      ...integrationsState,
      emitWebhookEvent: (...args) => (asked.push(args), integrationsState.emitWebhookEvent(...args)),
    },
  });
  const given = await post(EVENTS, { event: "task.sync", payload: { a: [1] }, event_id: "e1" });
  await post(EVENTS, { event: "error" });
  expect(await given.json()).toEqual({ event_id: "e1", sent: 0, failed: 0, skipped: 0, deliveries: [] });
  expect(asked).toEqual([
    ["task.sync", { a: [1] }, { event_id: "e1" }],
    ["error", undefined, {}],
  ]);
});

test.each<[object, string, RegExp]>([
  [{ event: "task.done" }, "event", /one of "session\.start",/],
  [{ event: "error", payload: [] }, "payload", /Expected an object, got an array/],
  [{ event: "error", id: "e1" }, "id", /no field "id"/],
])("%j is refused by field", async (body, field, message) => {
  expect(await problemOf(await createTestApp().post(EVENTS, body))).toMatchObject({
    status: 422,
    code: "INTEGRATIONS_INPUT_INVALID",
    errors: [{ field, message: expect.stringMatching(message) }],
  });
});
