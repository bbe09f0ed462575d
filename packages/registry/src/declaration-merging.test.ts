import { expect, expectTypeOf, test } from "vitest";
import { contextOf } from "../test/fixtures.ts";
// oxlint-disable-next-line import/no-unassigned-import -- it declares types and nothing else
import "../test/readme/own-events.ts";
import type { Delivery, DeliveryKind, HookData, ObserveHook, WaterfallHook } from "./index.ts";
import { createHooks } from "./index.ts";

test("a package adds events of its own, which are emitted and heard like any other", async () => {
  expectTypeOf<"invoice_paid">().toExtend<ObserveHook>();
  expectTypeOf<"before_greeting">().toExtend<WaterfallHook>();
  expectTypeOf<HookData<"invoice_paid">>().toEqualTypeOf<{ readonly amount: number }>();
  const hooks = createHooks();
  const seen: number[] = [];
  hooks.on("invoice_paid", ({ data }) => seen.push(data.amount));
  hooks.emit("invoice_paid", contextOf(), { amount: 7 });
  await hooks.flush();
  expect(seen).toEqual([7]);
});

test("a waterfall may carry something else than an object", async () => {
  const hooks = createHooks();
  hooks.on("before_greeting", ({ data }) => `${data}!`);
  // @ts-expect-error a number is no text
  hooks.on("before_greeting", () => 7);
  expect(await hooks.waterfall("before_greeting", contextOf(), "hi")).toBe("hi!");
});

test("a package adds kinds of deliveries of its own", () => {
  expectTypeOf<"postcard">().toExtend<DeliveryKind>();
  const pictureOf = (delivery: Delivery): string | null =>
    delivery.kind === "postcard" ? delivery.payload.picture : null;
  expectTypeOf(pictureOf).returns.toEqualTypeOf<string | null>();
});
