import { createRegistry, delivered } from "@core/registry";
import type { IntegrationInstance } from "@core/registry";
import { describe, expect, it, vi } from "vitest";
import { hostOf, idlePorts, integration, integrationOf, never } from "../test/fixtures.ts";
import { createIntegrationHost } from "./integration-host.ts";

const deliver = async (): Promise<ReturnType<typeof delivered>> => delivered();

describe("start", () => {
  it("does nothing before it is called", async () => {
    const setup = vi.fn<() => IntegrationInstance>();
    const { host, clock } = hostOf([integration({ setup })]);
    await clock.elapse(0);
    expect(setup).not.toHaveBeenCalled();
    expect(await host.list()).toMatchObject([{ status: "stopped", since: "1970-01-01T00:00:00.000Z" }]);
  });

  it("starts each integration once, however often it is called", async () => {
    const setup = vi.fn<() => IntegrationInstance>(() => ({}));
    const { host } = hostOf([integration({ setup })]);
    await Promise.all([host.start(), host.start()]);
    await host.start();
    expect(setup).toHaveBeenCalledTimes(1);
  });

  it("sets all integrations up at the same time", async () => {
    const all = Promise.withResolvers<IntegrationInstance>();
    let begun = 0;
    const setup = (): Promise<IntegrationInstance> => {
      begun += 1;
      if (begun === 3) all.resolve({});
      return all.promise;
    };
    const { host } = hostOf(["a", "b", "c"].map((type) => integration({ type, setup })));
    await host.start();
    expect(await host.list()).toMatchObject([{ status: "ready" }, { status: "ready" }, { status: "ready" }]);
  });

  it("is refused after stop", async () => {
    const setup = vi.fn<() => IntegrationInstance>();
    const { host } = hostOf([integration({ setup })]);
    await host.stop();
    await expect(host.start()).rejects.toMatchObject({ code: "HOST_STOPPED" });
    expect(setup).not.toHaveBeenCalled();
  });

  it("leaves no timer behind", async () => {
    const { host, clock } = hostOf([integrationOf({ start: async () => {}, stop: async () => {} })]);
    await host.start();
    expect(clock.pending()).toBe(0);
    await host.stop();
    expect(clock.pending()).toBe(0);
  });

  it("works with the machine's clock and without a logger", async () => {
    const registry = createRegistry({ integrations: [integrationOf({})] });
    await using host = createIntegrationHost({ registry, environment: {}, ports: idlePorts() });
    await host.start();
    expect(await host.list()).toMatchObject([{ status: "ready" }]);
  });
});

describe("stop", () => {
  it("takes the dispatcher and the hooks back before it stops the instance", async () => {
    const seen: boolean[] = [];
    const heard: string[] = [];
    const instance: IntegrationInstance = {
      deliver,
      hooks: [{ event: "after_tool_call", listener: ({ data }) => void heard.push(data.tool_name) }],
      stop: async () => void seen.push(registry.dispatchers.isReady("hello")),
    };
    const { host, registry } = hostOf([integration({ dispatcher: {}, setup: () => instance })]);
    await host.start();
    emitToolCall("before");
    await registry.hooks.flush();
    await host.stop();
    emitToolCall("after");
    await registry.hooks.flush();
    expect(seen).toEqual([false]);
    expect(heard).toEqual(["before"]);
    expect(registry.dispatchers.has("hello")).toBe(true);
    expect(await host.list()).toMatchObject([{ status: "stopped" }]);

    function emitToolCall(name: string): void {
      const ids = { bot_id: null, session_id: null, channel_id: null, client_id: null, correlation_id: null };
      const call = { tool_name: name, tool_args: {}, result: null, duration_ms: 1, error: null };
      registry.hooks.emit("after_tool_call", { ...ids, origin: null }, call);
    }
  });

  it("stops all at the same time, and each once however often it is called", async () => {
    const all = Promise.withResolvers<void>();
    let begun = 0;
    const stop = (): Promise<void> => {
      begun += 1;
      if (begun === 2) all.resolve();
      return all.promise;
    };
    const { host } = hostOf([integrationOf({ stop }, "a"), integrationOf({ stop }, "b")]);
    await host.start();
    await Promise.all([host.stop(), host.stop()]);
    await host.stop();
    expect(begun).toBe(2);
  });

  it("logs what an instance throws, and raises nothing", async () => {
    const stop = (): Promise<void> => Promise.reject(new Error("no brakes"));
    const { host, logger } = hostOf([integrationOf({ stop })]);
    await host.start();
    await host.stop();
    expect(logger.lines.at(-1)).toMatchObject({
      level: "warn",
      integration: "hello",
      err: { message: "no brakes" },
    });
    expect(await host.list()).toMatchObject([{ status: "stopped" }]);
  });

  it("aborts the signal of a stop that is late, and waits no longer", async () => {
    const signals: AbortSignal[] = [];
    const stop = (signal: AbortSignal): Promise<void> => (signals.push(signal), never);
    const { host, clock, logger } = hostOf([integrationOf({ stop })]);
    await host.start();
    const stopped = host.stop();
    await clock.elapse(4_999);
    expect(signals[0]?.aborted).toBe(false);
    await clock.elapse(1);
    await stopped;
    expect(signals[0]?.reason).toMatchObject({ code: "HOST_TIMEOUT" });
    expect(logger.lines.at(-1)).toMatchObject({ level: "warn", err: { code: "HOST_TIMEOUT" } });
    expect(await host.list()).toMatchObject([{ status: "stopped" }]);
  });

  it("still stops an instance whose dispatcher cannot be taken back", async () => {
    const stop = vi.fn<() => Promise<void>>();
    const registry = createRegistry({ integrations: [integrationOf({ stop })] });
    const broken = { ...registry, activate: () => () => throwing("stuck") };
    const { host, logger } = hostOf([], { registry: broken });
    await host.start();
    await host.stop();
    expect(stop).toHaveBeenCalledTimes(1);
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: "warn", err: "stuck" }));
  });

  it("leaves the reason of those that never came up", async () => {
    const { host } = hostOf([
      integration({ type: "a", environment: { required: ["A_ROOM"] }, setup: () => ({}) }),
      integration({ type: "b", setup: () => throwing(new Error("no luck")) }),
    ]);
    await host.start();
    await host.stop();
    expect(await host.list()).toMatchObject([
      { status: "not_configured", missing: ["A_ROOM"] },
      { status: "failed", error: "no luck" },
    ]);
  });

  it("is what `await using` calls", async () => {
    const stop = vi.fn<() => Promise<void>>();
    {
      await using host = hostOf([integrationOf({ stop })]).host;
      await host.start();
    }
    expect(stop).toHaveBeenCalledTimes(1);
  });
});

describe("a stop during the start", () => {
  it("aborts the start, waits for its end, and stops the instance without activating it", async () => {
    const end = Promise.withResolvers<void>();
    const calls: string[] = [];
    const instance: IntegrationInstance = {
      deliver,
      start: (signal) => {
        signal.addEventListener("abort", () => calls.push("aborted"));
        return end.promise.then(() => void calls.push("started"));
      },
      stop: async () => void calls.push("stopped"),
    };
    const { host, registry, clock } = hostOf([integration({ dispatcher: {}, setup: () => instance })]);
    const activate = vi.spyOn(registry, "activate");
    const started = host.start();
    await clock.elapse(0);
    const stopped = host.stop().then(() => calls.push("all stopped"));
    await clock.elapse(0);
    expect(calls).toEqual(["aborted"]);
    end.resolve();
    await Promise.all([started, stopped]);
    expect(calls).toEqual(["aborted", "started", "stopped", "all stopped"]);
    expect(activate).not.toHaveBeenCalled();
    expect(await host.list()).toMatchObject([{ status: "stopped" }]);
  });

  it("ends well when the start heeds its signal", async () => {
    const start = (signal: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    const { host, clock, logger } = hostOf([integrationOf({ start })]);
    const started = host.start();
    await clock.elapse(0);
    await host.stop();
    await started;
    expect(await host.list()).toMatchObject([{ status: "stopped" }]);
    expect(logger.lines).toEqual([]);
  });

  it("waits for a start that does not heed it as long as for a stop, and stops it when it comes through", async () => {
    const end = Promise.withResolvers<void>();
    const stop = vi.fn<() => Promise<void>>(async () => {});
    const { host, clock } = hostOf([integrationOf({ start: () => end.promise, stop })]);
    const started = host.start();
    await clock.elapse(0);
    const stopped = host.stop();
    await clock.elapse(4_999);
    expect(stop).not.toHaveBeenCalled();
    await clock.elapse(1);
    await Promise.all([started, stopped]);
    expect(stop).toHaveBeenCalledTimes(1);
    end.resolve();
    await clock.elapse(0);
    expect(stop).toHaveBeenCalledTimes(2);
  });

  it("stops an instance that setup gives meanwhile, and does not start it", async () => {
    const setup = Promise.withResolvers<IntegrationInstance>();
    const instance = { start: vi.fn<() => Promise<void>>(), stop: vi.fn<() => Promise<void>>() };
    const { host, clock } = hostOf([integration({ setup: () => setup.promise })]);
    const started = host.start();
    await clock.elapse(0);
    const stopped = host.stop();
    setup.resolve(instance);
    await Promise.all([started, stopped]);
    expect(instance.start).not.toHaveBeenCalled();
    expect(instance.stop).toHaveBeenCalledTimes(1);
    expect(await host.list()).toMatchObject([{ status: "stopped" }]);
  });

  it("waits for a setup that hangs no longer than for a stop, and stops what it gives later", async () => {
    const setup = Promise.withResolvers<IntegrationInstance>();
    const stop = vi.fn<() => Promise<void>>();
    const { host, clock } = hostOf([integration({ setup: () => setup.promise })]);
    const started = host.start();
    await clock.elapse(0);
    const stopped = host.stop();
    await clock.elapse(5_000);
    await Promise.all([started, stopped]);
    expect(await host.list()).toMatchObject([{ status: "stopped" }]);
    setup.resolve({ stop });
    await clock.elapse(0);
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it("waits for the stop of an instance that failed to start", async () => {
    const end = Promise.withResolvers<void>();
    const start = (): Promise<void> => Promise.reject(new Error("no line"));
    const { host, clock } = hostOf([integrationOf({ start, stop: () => end.promise })]);
    await host.start();
    let over = false;
    const stopped = host.stop().then(() => (over = true));
    await clock.elapse(1);
    expect(over).toBe(false);
    end.resolve();
    await stopped;
    expect(await host.list()).toMatchObject([{ status: "failed" }]);
  });
});

function throwing(value: unknown): never {
  throw value;
}
