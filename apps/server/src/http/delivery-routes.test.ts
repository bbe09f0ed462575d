import type { DeliveryRecord, DeliveryRetryAnswer, DeliveryRetryOptions } from "@core/tasks";
import { describe, expect, test } from "vitest";
import { createFakeTasks } from "../testing/fake-tasks.ts";
import type { TestApp } from "../testing/test-app.ts";
import { createTestApp, problemOf } from "../testing/test-app.ts";
import { deliverySchema } from "./delivery-document.ts";

const id = "01920000-0000-7000-8000-000000000000";
const now = new Date("2030-01-01T00:00:00Z");
const held: DeliveryRecord = {
  id,
  kind: "webhook_event",
  source_id: "e1",
  target_key: "webhook:1",
  task_id: null,
  dispatch_type: "webhook",
  target: { url: "https://example.org/private/path?key=1" },
  state: "held",
  park_reason: null,
  skip_reason: null,
  attempt: 1,
  max_attempts: 10,
  next_at: now,
  failures: [],
  answer: null,
  sent_parts: [],
  external_ids: [],
  created_at: now,
  delivered_at: null,
};

describe("deliveries over HTTP", () => {
  test("one is read as the document describes it, without the private part of its address", async () => {
    const { get } = appWith("pending");
    const read = await (await get(`/api/v1/deliveries/${id}`)).json();
    expect(read).toMatchObject({ id, status: "held", source_id: "e1" });
    expect(deliverySchema.safeParse(read).error).toBeUndefined();
    expect(JSON.stringify(read)).not.toContain("private");
  });

  test("the filters reach the outbox", async () => {
    const asked: unknown[] = [];
    const { get } = appWith("pending", asked);
    await get("/api/v1/deliveries?status=dead&kind=message&dispatch_type=chat&target_key=chat:1");
    expect(asked).toEqual([{ state: "dead", kind: "message", dispatch_type: "chat", target_key: "chat:1" }]);
  });

  test("a person sends one again, or counts it as delivered", async () => {
    const asked: unknown[] = [];
    const { app } = appWith("pending", asked);
    const post = (query: string) =>
      app.request(`/api/v1/deliveries/${id}/retry${query}`, {
        method: "POST",
        headers: { authorization: "Bearer test-key" },
      });
    expect([(await post("")).status, (await post("?as_sent=true")).status]).toEqual([200, 200]);
    expect(asked).toEqual([{ asSent: false }, { asSent: true }]);
    expect((await problemOf(await post("?as_sent=perhaps"))).code).toBe("QUERY_INVALID");
  });

  test.each([
    ["unknown", 404, "DELIVERY_NOT_FOUND"],
    ["refused", 409, "DELIVERY_NOT_RETRYABLE"],
  ] as const)("one that is %s is answered with %i", async (answer, status, code) => {
    const response = await appWith(answer).post(`/api/v1/deliveries/${id}/retry`, {});
    expect([response.status, (await problemOf(response)).code]).toEqual([status, code]);
  });

  test("an unknown id is not found, whatever it looks like", async () => {
    const { get } = createTestApp();
    const answers = await Promise.all([id, "42"].map((one) => get(`/api/v1/deliveries/${one}`)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });
});

function appWith(answer: DeliveryRetryAnswer, asked: unknown[] = []): TestApp {
  const fake = createFakeTasks();
  const deliveries = {
    ...fake.deliveries,
    get: async () => held,
    list: async (filter: unknown) => (asked.push(filter), { items: [held], next_cursor: null }),
    retry: async (_id: string, options?: DeliveryRetryOptions) => (asked.push(options), answer),
  };
  return createTestApp({ tasks: { ...fake, deliveries } });
}
