import { describe, expect, test } from "vitest";
import { createFakeClock, settled } from "../test/fake-clock.ts";
import { contextOf, deliveryContext, messageDelivery, recordingLogger, untyped } from "../test/fixtures.ts";
import { delivered } from "./delivery.ts";
import type { Integration, IntegrationInstance } from "./integration.ts";
import { defineIntegration } from "./integration.ts";
import { createRegistry } from "./registry.ts";

const hello = defineIntegration({
  type: "hello",
  apiVersion: 1,
  packageName: "integration-hello",
  dispatcher: { idempotent: true, orderKey: () => "one" },
});

const response = { response_length: 1, tool_calls_made: 0, error: false };

function prefixed(type: string, clientIdPrefix: string): Integration {
  return { type, apiVersion: 1, metadata: { clientIdPrefix } };
}

function listening(seen: string[]): IntegrationInstance {
  return {
    deliver: () => Promise.resolve(delivered({ externalIds: ["m1"] })),
    hooks: [
      { event: "after_response", listener: () => seen.push("low"), priority: -1 },
      { event: "after_response", listener: () => seen.push("high") },
    ],
  };
}

describe("making a registry", () => {
  test("an empty one knows none and nothing else", () => {
    const registry = createRegistry();
    expect(registry.integrations).toEqual([]);
    expect(registry.dispatchers.list()).toEqual([{ type: "none", owner: "@core/registry", ready: true }]);
  });

  test("the dispatcher of an integration is declared before it is configured", () => {
    const registry = createRegistry({ integrations: [hello] });
    expect(registry.integrations).toEqual([hello]);
    expect(registry.dispatchers.list()).toContainEqual({
      type: "hello",
      owner: "integration-hello",
      ready: false,
    });
  });

  test("two integrations of one type are refused, and both are named", () => {
    const second = { ...hello, packageName: "integration-hello-too" };
    expect(() => createRegistry({ integrations: [hello, second] })).toThrow(
      expect.objectContaining({
        code: "INTEGRATION_TYPE_TAKEN",
        details: { type: "hello", holder: "integration-hello", owner: "integration-hello-too" },
      }),
    );
  });

  test("an integration that was not made with defineIntegration is checked all the same", () => {
    const old = { ...hello, apiVersion: untyped(0) };
    expect(() => createRegistry({ integrations: [old] })).toThrow(
      expect.objectContaining({ code: "INTEGRATION_API_VERSION" }),
    );
  });

  test.each([
    ["mail:", "mail:"],
    ["mail:", "mail:work:"],
    ["mail:work:", "mail:"],
  ])(
    "the overlapping prefixes %j and %j are refused, because a client id would have two owners",
    (first, second) => {
      expect(() =>
        createRegistry({ integrations: [prefixed("one", first), prefixed("two", second)] }),
      ).toThrow(
        expect.objectContaining({
          code: "INTEGRATION_INVALID",
          message: expect.stringContaining(`"${first}" of "one"`),
        }),
      );
    },
  );

  test("no integration can bring a dispatcher named none", () => {
    expect(() => createRegistry({ integrations: [{ ...hello, type: "none" }] })).toThrow(
      expect.objectContaining({ code: "INTEGRATION_INVALID", message: expect.stringContaining('"none"') }),
    );
  });

  test("a missing export among the integrations is refused", () => {
    expect(() => createRegistry({ integrations: [hello, untyped(undefined)] })).toThrow(
      expect.objectContaining({ code: "INTEGRATION_INVALID" }),
    );
  });

  test("two registries of the same integrations share nothing", () => {
    const [one, two] = [createRegistry({ integrations: [hello] }), createRegistry({ integrations: [hello] })];
    one.activate("hello", listening([]));
    expect(two.dispatchers.isReady("hello")).toBe(false);
  });
});

describe("activating", () => {
  test("dispatcher and hooks come and go together", async () => {
    const seen: string[] = [];
    const registry = createRegistry({ integrations: [hello] });
    const deactivate = registry.activate("hello", listening(seen));
    expect(registry.dispatchers.isReady("hello")).toBe(true);
    registry.hooks.emit("after_response", contextOf(), response);
    await registry.hooks.flush();
    expect(seen).toEqual(["high", "low"]);
    deactivate();
    expect(registry.dispatchers.isReady("hello")).toBe(false);
    expect(registry.dispatchers.has("hello")).toBe(true);
    registry.hooks.emit("after_response", contextOf(), response);
    await registry.hooks.flush();
    expect(seen).toHaveLength(2);
  });

  test("the active dispatcher has the declaration's abilities and the instance's methods", async () => {
    class Instance implements IntegrationInstance {
      readonly id = "m7";
      deliver(): ReturnType<NonNullable<IntegrationInstance["deliver"]>> {
        return Promise.resolve(delivered({ externalIds: [this.id] }));
      }
    }
    const registry = createRegistry({ integrations: [hello] });
    registry.activate("hello", new Instance());
    const dispatcher = registry.dispatchers.get("hello");
    expect(dispatcher.idempotent).toBe(true);
    expect(dispatcher.orderKey?.({})).toBe("one");
    expect(await dispatcher.deliver(messageDelivery<unknown>({}), deliveryContext())).toEqual(
      delivered({ externalIds: ["m7"] }),
    );
  });

  test("an integration that is metadata and hooks only has no dispatcher", () => {
    const audit = defineIntegration({ type: "audit", apiVersion: 1 });
    const registry = createRegistry({ integrations: [audit] });
    registry.activate("audit", { hooks: [{ event: "after_response", listener: () => {} }] })();
    expect(registry.dispatchers.has("audit")).toBe(false);
  });

  test("a deactivated integration can be activated again, and the old undo no longer touches it", () => {
    const registry = createRegistry({ integrations: [hello] });
    const deactivate = registry.activate("hello", listening([]));
    deactivate();
    registry.activate("hello", listening([]));
    deactivate();
    expect(registry.dispatchers.isReady("hello")).toBe(true);
    expect(() => registry.activate("hello", {})).toThrow(
      expect.objectContaining({ code: "INTEGRATION_ALREADY_ACTIVE" }),
    );
  });

  test("names are asked of the active instance, and of the metadata while there is none", async () => {
    const ask = (name: string) => () => ({ "channel-1": name });
    const metadata = { resolveDisplayNames: ask("#before") };
    const registry = createRegistry({ integrations: [{ type: "hello", apiVersion: 1, metadata }] });
    const channels = [{ id: "channel-1", client_id: "hello:1", integration: "hello" }];
    const deactivate = registry.activate("hello", { resolveDisplayNames: ask("#active") });
    expect(await registry.resolveAllDisplayNames(channels)).toEqual({ "channel-1": "#active" });
    deactivate();
    expect(await registry.resolveAllDisplayNames(channels)).toEqual({ "channel-1": "#before" });
    registry.activate("hello", {});
    expect(await registry.resolveAllDisplayNames(channels)).toEqual({ "channel-1": "#before" });
  });

  test("a second activation is refused and leaves the first alone", async () => {
    const seen: string[] = [];
    const registry = createRegistry({ integrations: [hello] });
    registry.activate("hello", listening(seen));
    expect(() => registry.activate("hello", listening(seen))).toThrow(
      expect.objectContaining({ code: "INTEGRATION_ALREADY_ACTIVE", details: { type: "hello" } }),
    );
    registry.hooks.emit("after_response", contextOf(), response);
    await registry.hooks.flush();
    expect(seen).toEqual(["high", "low"]);
  });

  test("an unknown integration is refused", () => {
    expect(() => createRegistry().activate("hello", {})).toThrow(
      expect.objectContaining({ code: "INTEGRATION_NOT_FOUND", details: { type: "hello" } }),
    );
  });

  test("an instance without the deliver that its integration's dispatcher needs is refused", () => {
    const registry = createRegistry({ integrations: [hello] });
    const hooks = listening([]).hooks ?? [];
    expect(() => registry.activate("hello", { hooks })).toThrow(
      expect.objectContaining({
        code: "INTEGRATION_INVALID",
        message:
          'Integration "hello" cannot be used: It declares a dispatcher, but its instance has no deliver. Return deliver from setup, or leave the dispatcher out.',
        details: { type: "hello" },
      }),
    );
    expect(() => registry.activate("hello", listening([]))).not.toThrow();
  });

  test.each([
    [undefined, "Its instance is not an object"],
    [{ deliver: "no" }, "deliver is not a function"],
    [{ ...listening([]), reconcile: {} }, "reconcile is not a function"],
    [{ ...listening([]), stream: {} }, "stream is not a function"],
    [{ ...listening([]), hooks: {} }, "hooks is not a list"],
    [
      { ...listening([]), hooks: [{ event: "after_response", listener: "no" }] },
      'The listener of its hook "after_response" is not a function',
    ],
    [{ ...listening([]), hooks: [{ listener: () => {} }] }, 'The listener of its hook "undefined"'],
  ])("the instance %j is refused: %s", (instance, problem) => {
    const registry = createRegistry({ integrations: [hello] });
    expect(() => registry.activate("hello", untyped(instance))).toThrow(
      expect.objectContaining({ code: "INTEGRATION_INVALID", message: expect.stringContaining(problem) }),
    );
    expect(registry.dispatchers.isReady("hello")).toBe(false);
  });

  test("an activation that fails half-way leaves nothing behind", async () => {
    const seen: string[] = [];
    const registry = createRegistry({ integrations: [hello] });
    const { hooks: good = [], ...rest } = listening(seen);
    expect(() => registry.activate("hello", { ...rest, hooks: [...good, untyped(null)] })).toThrow(
      expect.objectContaining({ code: "INTEGRATION_INVALID" }),
    );
    expect(registry.dispatchers.isReady("hello")).toBe(false);
    registry.hooks.emit("after_response", contextOf(), response);
    await registry.hooks.flush();
    expect(seen).toEqual([]);
    registry.activate("hello", listening(seen));
    expect(registry.dispatchers.isReady("hello")).toBe(true);
  });

  test("an activation whose dispatch type somebody else has is refused and leaves no hooks behind", async () => {
    const seen: string[] = [];
    const bare = defineIntegration({ type: "bare", apiVersion: 1 });
    const registry = createRegistry({ integrations: [bare] });
    const unregister = registry.dispatchers.register("bare", untyped(listening([])), { owner: "somebody" });
    expect(() => registry.activate("bare", listening(seen))).toThrow(/"somebody"/);
    registry.hooks.emit("after_response", contextOf(), response);
    await registry.hooks.flush();
    expect(seen).toEqual([]);
    unregister();
    expect(() => registry.activate("bare", listening(seen))).not.toThrow();
  });
});

describe("what goes wrong in an integration is logged with its name", () => {
  test("a failing hook", async () => {
    const logger = recordingLogger();
    const registry = createRegistry({ integrations: [hello], logger });
    registry.activate("hello", {
      ...listening([]),
      hooks: [{ event: "after_response", listener: () => Promise.reject(new Error("down")) }],
    });
    registry.hooks.emit("after_response", contextOf(), response);
    await registry.hooks.flush();
    expect(logger.warnings).toEqual(['The after_response hook of "integration-hello" failed: down']);
  });

  test("a query that is late, by the registry's clock and time", async () => {
    const logger = recordingLogger();
    const clock = createFakeClock();
    const mute = { ...hello, metadata: { userAttribution: () => new Promise<never>(() => {}) } };
    const registry = createRegistry({ integrations: [mute], logger, clock, queryTimeoutMs: 100 });
    const asking = registry.getUserAttribution("hello", { name: "aria" });
    await settled();
    clock.advance(100);
    expect(await asking).toEqual({});
    expect(logger.warnings).toEqual([
      'userAttribution of "integration-hello" failed: no answer within 100 ms',
    ]);
  });

  test("a flooded hook, by the registry's limit", async () => {
    const logger = recordingLogger();
    const registry = createRegistry({ integrations: [hello], logger, hookQueueLimit: 1 });
    registry.activate("hello", listening([]));
    for (let n = 0; n < 3; n += 1) registry.hooks.emit("after_response", contextOf(), response);
    expect(logger.warnings).toHaveLength(2);
    await registry.hooks.flush();
  });
});
