import { describe, expect, test } from "vitest";
import { z } from "zod";
import { deliveryContext, messageDelivery } from "../test/fixtures.ts";
import { delivered } from "./delivery.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { createDispatcherRegistry } from "./dispatcher-registry.ts";
import { noneDispatcher } from "./none-dispatcher.ts";

const owner = "integration-hello";
const other = "integration-other";

function dispatcher(): Dispatcher {
  return { deliver: () => Promise.resolve(delivered()) };
}

describe("registering", () => {
  test("a registered dispatcher is found by its type", () => {
    const registry = createDispatcherRegistry();
    const hello = dispatcher();
    registry.register("hello", hello, { owner });
    expect(registry.get("hello")).toBe(hello);
    expect(registry.has("hello")).toBe(true);
    expect(registry.isReady("hello")).toBe(true);
  });

  test("a registration can be undone", () => {
    const registry = createDispatcherRegistry();
    const undo = registry.register("hello", dispatcher(), { owner });
    undo();
    expect(registry.has("hello")).toBe(false);
    expect(registry.get("hello")).toBe(noneDispatcher);
  });

  test("undoing twice does not undo what was registered in between, even with the same dispatcher", () => {
    const registry = createDispatcherRegistry();
    const hello = dispatcher();
    const undo = registry.register("hello", hello, { owner });
    undo();
    registry.register("hello", hello, { owner });
    undo();
    expect(registry.isReady("hello")).toBe(true);
  });

  test("a second registration of the same type is refused and names both owners", () => {
    const registry = createDispatcherRegistry();
    const first = dispatcher();
    registry.register("hello", first, { owner });
    expect(() => registry.register("hello", dispatcher(), { owner: other })).toThrow(
      expect.objectContaining({
        code: "DISPATCHER_TYPE_TAKEN",
        details: { type: "hello", holder: owner, owner: other },
        message: expect.stringMatching(/"integration-hello".*"integration-other"/),
      }),
    );
    expect(registry.get("hello")).toBe(first);
  });

  test("the same owner cannot register twice either", () => {
    const registry = createDispatcherRegistry();
    registry.register("hello", dispatcher(), { owner });
    expect(() => registry.register("hello", dispatcher(), { owner })).toThrow(
      expect.objectContaining({ code: "DISPATCHER_TYPE_TAKEN" }),
    );
  });

  test("none belongs to this package and cannot be taken, declared or undone", () => {
    const registry = createDispatcherRegistry();
    for (const someone of [owner, "@core/registry"]) {
      expect(() => registry.register("none", dispatcher(), { owner: someone })).toThrow(/"@core\/registry"/);
      expect(() => registry.declare("none", {}, { owner: someone })).toThrow(/"@core\/registry"/);
    }
    expect(registry.get("none")).toBe(noneDispatcher);
  });

  test.each(["", "Hello", "1st", "-x", "a b", "a.b", "hello!", "x".repeat(65)])(
    "%j is refused as a type",
    (type) => {
      const registry = createDispatcherRegistry();
      const invalid = expect.objectContaining({ code: "DISPATCHER_TYPE_INVALID", details: { type } });
      expect(() => registry.register(type, dispatcher(), { owner })).toThrow(invalid);
      expect(() => registry.declare(type, {}, { owner })).toThrow(invalid);
      expect(registry.has(type)).toBe(false);
    },
  );

  test.each(["a", "hello-2", "git_hub", "x".repeat(64)])("%j is allowed as a type", (type) => {
    const registry = createDispatcherRegistry();
    registry.register(type, dispatcher(), { owner });
    expect(registry.has(type)).toBe(true);
  });
});

describe("declaring", () => {
  const declaration = { target: z.strictObject({ channel: z.string() }), idempotent: true };

  test("a declared type is known and waits: its deliveries are misconfigured, and the message says whose", async () => {
    const registry = createDispatcherRegistry();
    registry.declare("hello", declaration, { owner });
    expect(registry.has("hello")).toBe(true);
    expect(registry.isReady("hello")).toBe(false);
    const waiting = registry.get("hello");
    expect(waiting.target).toBe(declaration.target);
    expect(waiting.idempotent).toBe(true);
    expect(await waiting.deliver(messageDelivery<unknown>({}), deliveryContext())).toEqual({
      status: "failed",
      failure: "misconfigured",
      code: "dispatcher_not_ready",
      message: expect.stringContaining('"hello" of integration-hello'),
    });
  });

  test("the owner's registration makes it ready, and undoing that leaves the declaration", () => {
    const registry = createDispatcherRegistry();
    registry.declare("hello", declaration, { owner });
    const undo = registry.register("hello", { ...declaration, ...dispatcher() }, { owner });
    expect(registry.isReady("hello")).toBe(true);
    undo();
    expect(registry.has("hello")).toBe(true);
    expect(registry.isReady("hello")).toBe(false);
    expect(registry.get("hello").target).toBe(declaration.target);
  });

  test("the declaration can be undone while the dispatcher stays", () => {
    const registry = createDispatcherRegistry();
    const undeclare = registry.declare("hello", declaration, { owner });
    const unregister = registry.register("hello", dispatcher(), { owner });
    undeclare();
    expect(registry.isReady("hello")).toBe(true);
    unregister();
    expect(registry.has("hello")).toBe(false);
  });

  test("a declared type is refused to a second owner, and a second declaration to the same one", () => {
    const registry = createDispatcherRegistry();
    registry.declare("hello", declaration, { owner });
    const taken = expect.objectContaining({ code: "DISPATCHER_TYPE_TAKEN" });
    expect(() => registry.declare("hello", {}, { owner: other })).toThrow(taken);
    expect(() => registry.register("hello", dispatcher(), { owner: other })).toThrow(taken);
    expect(() => registry.declare("hello", {}, { owner })).toThrow(taken);
  });
});

describe("looking up", () => {
  test.each(["unknown", null, undefined, "", "toString", "__proto__"])("%j is answered with none", (type) => {
    expect(createDispatcherRegistry().get(type)).toBe(noneDispatcher);
  });

  test("the list is sorted by type, none first", () => {
    const registry = createDispatcherRegistry();
    registry.register("webhook", dispatcher(), { owner: other });
    registry.declare("hello", {}, { owner });
    registry.register("alpha", dispatcher(), { owner });
    expect(registry.list()).toEqual([
      { type: "none", owner: "@core/registry", ready: true },
      { type: "alpha", owner, ready: true },
      { type: "hello", owner, ready: false },
      { type: "webhook", owner: other, ready: true },
    ]);
  });

  test("two registries share nothing", () => {
    const registry = createDispatcherRegistry();
    registry.register("hello", dispatcher(), { owner });
    expect(createDispatcherRegistry().has("hello")).toBe(false);
  });
});
