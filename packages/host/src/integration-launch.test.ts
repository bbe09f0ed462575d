import { createRegistry, delivered } from "@core/registry";
import type { IntegrationInstance } from "@core/registry";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { hostOf, idlePorts, integration, integrationOf, never, schemaOf, untyped } from "../test/fixtures.ts";

const deliver = async (): Promise<ReturnType<typeof delivered>> => delivered();

describe("the environment of an integration", () => {
  const needy = integration({
    environment: { required: ["HELLO_TOKEN", "HELLO_ROOM", "HELLO_URL"], optional: ["HELLO_LANGUAGE"] },
    dispatcher: {},
    config: z.object({ HELLO_URL: z.url() }),
    setup: () => ({ deliver }),
  });

  it("names what is missing or only blanks, and calls nothing", async () => {
    const setup = vi.spyOn(needy, "setup");
    const validate = vi.spyOn(needy.config?.["~standard"] ?? untyped(null), "validate");
    const environment = { HELLO_TOKEN: "abc", HELLO_ROOM: " \t\n", HELLO_URL: undefined };
    const { host, registry } = hostOf([needy], { environment });
    await host.start();
    const [status] = await host.list();
    expect(status).toMatchObject({ status: "not_configured", missing: ["HELLO_ROOM", "HELLO_URL"] });
    expect(setup).not.toHaveBeenCalled();
    expect(validate).not.toHaveBeenCalled();
    expect(registry.dispatchers.has("hello")).toBe(true);
    expect(registry.dispatchers.isReady("hello")).toBe(false);
  });

  it("is complete without the optional variables", async () => {
    const environment = { HELLO_TOKEN: "abc", HELLO_ROOM: "1", HELLO_URL: "http://hello.test" };
    const { host, registry } = hostOf([needy], { environment });
    await host.start();
    expect(await host.list()).toMatchObject([{ status: "ready" }]);
    expect(registry.dispatchers.isReady("hello")).toBe(true);
  });

  it("has no variable of a name that every object inherits", async () => {
    const odd = integration({ environment: { required: ["constructor"] }, setup: () => ({}) });
    const { host } = hostOf([odd]);
    await host.start();
    expect(await host.list()).toMatchObject([{ status: "not_configured", missing: ["constructor"] }]);
  });
});

describe("the settings of an integration", () => {
  const environment = {
    HELLO_TOKEN: "secret-token",
    HELLO_ROOM: "7",
    HELLO_EMPTY: " ",
    OTHER: "not declared",
  };
  const declared = {
    required: ["HELLO_TOKEN", "HELLO_ROOM"],
    optional: ["HELLO_EMPTY", "HELLO_UNSET"],
    secret: ["HELLO_TOKEN"],
  };

  it("are the declared variables that are set and not secret, as the schema reads them", async () => {
    const seen: unknown[] = [];
    const config = schemaOf(async (settings) => {
      seen.push(settings);
      return { value: { room: 7 } };
    });
    const setup = ({ config: read }: { config: unknown }): IntegrationInstance => (seen.push(read), {});
    const { host } = hostOf([integration({ environment: declared, config, setup })], { environment });
    await host.start();
    expect(seen).toEqual([{ HELLO_ROOM: "7" }, { room: 7 }]);
  });

  it("are the texts themselves where there is no schema", async () => {
    const seen: unknown[] = [];
    const setup = ({ config }: { config: unknown }): IntegrationInstance => (seen.push(config), {});
    const { host } = hostOf([integration({ environment: declared, setup })], { environment });
    await host.start();
    expect(seen).toEqual([{ HELLO_ROOM: "7" }]);
  });

  it("that the schema refuses are told by field, without their values, and setup is not called", async () => {
    const setup = vi.fn<() => IntegrationInstance>();
    const config = z.object({ HELLO_ROOM: z.string().refine(() => false, { error: "7 is no room" }) });
    const { host, logger } = hostOf([integration({ environment: declared, config, setup })], { environment });
    await host.start();
    const issues = [{ field: "HELLO_ROOM", message: "$HELLO_ROOM is no room" }];
    expect(await host.list()).toMatchObject([{ status: "not_configured", issues }]);
    expect(logger.lines).toMatchObject([{ level: "warn", integration: "hello", issues }]);
    expect(setup).not.toHaveBeenCalled();
  });

  it("fail an integration whose schema throws or hangs", async () => {
    const setup = vi.fn<() => IntegrationInstance>();
    const { host, clock } = hostOf([
      integration({ type: "a", config: schemaOf(() => throwing(new Error("no schema"))), setup }),
      integration({ type: "b", config: schemaOf(() => never), setup }),
    ]);
    const started = host.start();
    await clock.elapse(10_000);
    await started;
    expect(await host.list()).toMatchObject([
      { status: "failed", error: "no schema" },
      { status: "failed", error: expect.stringContaining('The config of integration "b" did not end') },
    ]);
    expect(setup).not.toHaveBeenCalled();
  });
});

describe("setup", () => {
  it.each([
    ["throws", () => throwing(new Error("no luck")), "no luck"],
    ["rejects", () => Promise.reject(new Error("no luck")), "no luck"],
    ["throws no error", () => throwing("plain text"), "plain text"],
    ["gives back nothing", () => untyped(undefined), /Its instance is not an object/],
    ["gives back no deliver", () => ({}), /its instance has no deliver/],
  ] as const)("that %s fails its integration and no other", async (_how, setup, error) => {
    const { host, registry, logger } = hostOf([
      integration({ type: "bad", dispatcher: {}, setup }),
      integration({ type: "good", dispatcher: {}, setup: () => ({ deliver }) }),
    ]);
    await host.start();
    const [bad, good] = await host.list();
    expect(bad?.status).toBe("failed");
    expect(bad?.error).toMatch(error);
    expect(good?.status).toBe("ready");
    expect(registry.dispatchers.isReady("bad")).toBe(false);
    expect(registry.dispatchers.isReady("good")).toBe(true);
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: "error", integration: "bad" }));
  });

  it("fails its integration when a port cannot be made", async () => {
    const ports = idlePorts({ storage: () => throwing(new Error("no storage")) });
    const { host } = hostOf([integrationOf({})], { ports });
    await host.start();
    expect(await host.list()).toMatchObject([{ status: "failed", error: "no storage" }]);
  });

  it("that hangs holds no other integration up, and is given up", async () => {
    const hanging = integration({ type: "hanging", setup: () => never });
    const { host, clock } = hostOf([hanging, integrationOf({}, "quick")]);
    const started = host.start();
    await clock.elapse(9_999);
    expect(await host.list()).toMatchObject([{ status: "starting" }, { status: "ready" }]);
    await clock.elapse(1);
    await started;
    expect(await host.list()).toMatchObject([
      { status: "failed", error: expect.stringContaining("setup") },
      { status: "ready" },
    ]);
  });

  it("that comes through after it was given up is stopped, and neither started nor activated", async () => {
    const late = Promise.withResolvers<IntegrationInstance>();
    const instance = { deliver, start: vi.fn<() => Promise<void>>(), stop: vi.fn<() => Promise<void>>() };
    const slow = integration({ dispatcher: {}, setup: () => late.promise });
    const { host, registry, clock } = hostOf([slow], { setupTimeoutMs: 50 });
    const started = host.start();
    await clock.elapse(50);
    await started;
    late.resolve(instance);
    await clock.elapse(0);
    expect(instance.stop).toHaveBeenCalledTimes(1);
    expect(instance.start).not.toHaveBeenCalled();
    expect(registry.dispatchers.isReady("hello")).toBe(false);
    expect(await host.list()).toMatchObject([{ status: "failed" }]);
  });

  it("keeps its integration as `this`, and so do start and stop their instance", async () => {
    class Instance {
      readonly calls: string[] = [];
      async start(): Promise<void> {
        this.calls.push("start");
      }
      async stop(): Promise<void> {
        this.calls.push("stop");
      }
    }
    const instance = new Instance();
    const own = integration({
      setup() {
        expect(this).toBe(own);
        return instance;
      },
    });
    const { host } = hostOf([own]);
    await host.start();
    await host.stop();
    expect(instance.calls).toEqual(["start", "stop"]);
  });
});

describe("start", () => {
  it("comes before the dispatcher is ready and the hooks listen", async () => {
    const gate = Promise.withResolvers<void>();
    const hybrid = integration({
      dispatcher: {},
      setup: () => ({ deliver, start: () => gate.promise }),
    });
    const { host, registry, clock } = hostOf([hybrid]);
    const started = host.start();
    await clock.elapse(0);
    expect(registry.dispatchers.isReady("hello")).toBe(false);
    expect(await host.list()).toMatchObject([{ status: "starting" }]);
    gate.resolve();
    await started;
    expect(registry.dispatchers.isReady("hello")).toBe(true);
  });

  it("that fails leaves an integration failed and its instance stopped", async () => {
    const stop = vi.fn<() => Promise<void>>();
    const start = (): Promise<void> => Promise.reject(new Error("no line"));
    const { host, registry } = hostOf([
      integration({ dispatcher: {}, setup: () => ({ deliver, start, stop }) }),
    ]);
    await host.start();
    expect(await host.list()).toMatchObject([{ status: "failed", error: "no line" }]);
    expect(stop).toHaveBeenCalledTimes(1);
    expect(registry.dispatchers.isReady("hello")).toBe(false);
  });

  it("has its signal aborted at the deadline, and is given up", async () => {
    const signals: AbortSignal[] = [];
    const start = (signal: AbortSignal): Promise<void> => (signals.push(signal), never);
    const { host, clock } = hostOf([integrationOf({ start }), integrationOf({}, "quick")]);
    const started = host.start();
    await clock.elapse(29_999);
    expect(signals[0]?.aborted).toBe(false);
    expect(await host.list()).toMatchObject([{ status: "starting" }, { status: "ready" }]);
    await clock.elapse(1);
    await started;
    expect(signals[0]?.reason).toMatchObject({ code: "HOST_TIMEOUT", retryable: true });
    expect(await host.list()).toMatchObject([
      { status: "failed", error: expect.stringContaining('The start of integration "hello"') },
      { status: "ready" },
    ]);
  });

  it("that comes through after it was given up is stopped again", async () => {
    const late = Promise.withResolvers<void>();
    const calls: string[] = [];
    const instance: IntegrationInstance = {
      deliver,
      start: () => late.promise.then(() => void calls.push("started")),
      stop: async () => void calls.push("stop"),
    };
    const { host, registry, clock } = hostOf([integration({ dispatcher: {}, setup: () => instance })]);
    const started = host.start();
    await clock.elapse(30_000);
    await started;
    expect(calls).toEqual(["stop"]);
    late.resolve();
    await clock.elapse(0);
    expect(calls).toEqual(["stop", "started", "stop"]);
    expect(registry.dispatchers.isReady("hello")).toBe(false);
    expect(await host.list()).toMatchObject([{ status: "failed" }]);
  });
});

describe("activation", () => {
  it("that fails, as for a second dispatcher of one type, fails the integration and stops its instance", async () => {
    const stop = vi.fn<() => Promise<void>>();
    const registry = createRegistry({ integrations: [integrationOf({ deliver, stop })] });
    registry.dispatchers.register("hello", { deliver }, { owner: "somebody else" });
    const { host } = hostOf([], { registry });
    await host.start();
    expect(await host.list()).toMatchObject([
      { status: "failed", error: expect.stringContaining('already registered by "somebody else"') },
    ]);
    expect(stop).toHaveBeenCalledTimes(1);
  });
});

describe("an integration without setup", () => {
  it("is ready, as it has nothing to start, whatever its variables", async () => {
    const { host } = hostOf([integration({ environment: { required: ["HELLO_ROOM"] } })]);
    await host.start();
    expect(await host.list()).toMatchObject([{ status: "ready" }]);
    await host.stop();
    expect(await host.list()).toMatchObject([{ status: "stopped" }]);
  });
});

function throwing(value: unknown): never {
  throw value;
}
