import { expect, expectTypeOf, test } from "vitest";
import { createDeliveryContext } from "./delivery-context.ts";
import { deliveryOf } from "./delivery-factory.ts";

test("a delivery is complete without any detail", () => {
  expect(deliveryOf()).toEqual({
    id: "delivery-1",
    dispatch_type: "test",
    target: {},
    created_at: "2026-01-01T00:00:00.000Z",
    attempt: 1,
    bot: null,
    origin: null,
    sent_parts: [],
    kind: "message",
    payload: { text: "Hello." },
  });
});

test.each(["task_result", "task_error", "message", "mirror", "child_result", "webhook_event"] as const)(
  "a %s says something",
  (kind) => {
    expect(JSON.stringify(deliveryOf({ kind }).payload)).toContain("Hello.");
  },
);

test("its type is that of its kind and of its target", () => {
  const delivery = deliveryOf({ kind: "task_error", target: { room: 1 }, attempt: 2 });
  expectTypeOf(delivery.payload.error.code).toEqualTypeOf<string>();
  expectTypeOf(delivery.target.room).toEqualTypeOf<number>();
  expect([delivery.attempt, delivery.target.room]).toEqual([2, 1]);
});

test("a context keeps the parts that were reported", async () => {
  const context = createDeliveryContext();
  await context.partSent({ index: 0 });
  expect(context.parts).toEqual([{ index: 0 }]);
  expect(context.signal.aborted).toBe(false);
});
