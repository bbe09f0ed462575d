import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { Delivery, DeliveryKind, Integration, StandardSchema, TaskResult } from "./index.ts";
import { createDispatcherRegistry, defineIntegration, delivered } from "./index.ts";

const target = z.strictObject({ channel: z.string(), thread: z.string().optional() });
const config = z.object({ HELLO_URL: z.url(), HELLO_RETRIES: z.coerce.number().default(3) });

type Target = { channel: string; thread?: string | undefined };
type Config = { HELLO_URL: string; HELLO_RETRIES: number };

test("a zod schema is a Standard Schema of what it makes", () => {
  expectTypeOf(target).toExtend<StandardSchema<unknown, Target>>();
  expectTypeOf(config).toExtend<StandardSchema<unknown, Config>>();
});

test("the target's schema types the delivery, and the settings' schema types the context", () => {
  const integration = defineIntegration({
    type: "hello",
    apiVersion: 1,
    config,
    dispatcher: {
      target,
      orderKey: (to) => {
        expectTypeOf(to).toEqualTypeOf<Target>();
        return to.channel;
      },
    },
    setup(context) {
      expectTypeOf(context.config).toEqualTypeOf<Config>();
      return {
        async deliver(delivery) {
          expectTypeOf(delivery.target).toEqualTypeOf<Target>();
          return delivered({ externalIds: [delivery.target.channel] });
        },
      };
    },
  });
  expectTypeOf(integration).toEqualTypeOf<Integration>();
});

test("a setup without parameters infers the target, too", () => {
  defineIntegration({
    type: "hello",
    apiVersion: 1,
    dispatcher: { target },
    setup: () => ({
      deliver: ({ target: to }) => {
        expectTypeOf(to).toEqualTypeOf<Target>();
        return Promise.resolve(delivered());
      },
    }),
  });
});

test("a setup may be asynchronous", () => {
  const integration = defineIntegration({
    type: "hello",
    apiVersion: 1,
    dispatcher: { target },
    async setup(context) {
      await context.secrets.resolve("HELLO_TOKEN");
      return {
        async deliver(delivery) {
          expectTypeOf(delivery.target).toEqualTypeOf<Target>();
          return delivered();
        },
      };
    },
  });
  expectTypeOf(integration).toEqualTypeOf<Integration>();
});

test("a registry takes dispatchers of any target", () => {
  const registry = createDispatcherRegistry();
  registry.register(
    "hello",
    {
      target,
      orderKey: ({ channel }) => channel,
      async deliver(delivery) {
        expectTypeOf(delivery.target).toEqualTypeOf<Target>();
        return delivered();
      },
    },
    { owner: "test" },
  );
  expect(registry.isReady("hello")).toBe(true);
});

test("another version of the contract is refused by the types, too", () => {
  // @ts-expect-error there is no version 2
  expect(() => defineIntegration({ type: "hello", apiVersion: 2 })).toThrow("version 2");
});

test("a delivery's kind types its payload", () => {
  const textOf = (delivery: Delivery): string => {
    switch (delivery.kind) {
      case "task_result":
      case "child_result":
        expectTypeOf(delivery.payload.result).toEqualTypeOf<TaskResult>();
        return delivery.payload.result.text;
      case "task_error":
        expectTypeOf(delivery.payload.error).toEqualTypeOf<{
          readonly code: string;
          readonly message: string;
        }>();
        return delivery.payload.error.message;
      case "mirror":
        expectTypeOf(delivery.payload.source).toEqualTypeOf<string>();
        return delivery.payload.text;
      case "message":
        // @ts-expect-error only a mirrored message has a source
        void delivery.payload.source;
        return delivery.payload.text;
      default:
        return delivery.kind;
    }
  };
  expectTypeOf<Parameters<typeof textOf>[0]["kind"]>().toEqualTypeOf<DeliveryKind>();
});
