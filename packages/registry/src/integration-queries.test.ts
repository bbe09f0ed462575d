import { describe, expect, test, vi } from "vitest";
import { createFakeClock, settled } from "../test/fake-clock.ts";
import { untyped } from "../test/fixtures.ts";
import type { IntegrationError } from "./errors.ts";
import { createIntegrationQueries } from "./integration-queries.ts";
import type { ChannelRef, Integration, IntegrationMetadata } from "./integration.ts";

const bot = { name: "aria" };

function integration(type: string, metadata?: IntegrationMetadata): Integration {
  return { type, apiVersion: 1, packageName: `integration-${type}`, ...(metadata && { metadata }) };
}

function channel(type: string, id: string): ChannelRef {
  return { id, client_id: `${type}:${id}`, integration: type };
}

const named = (prefix: string): IntegrationMetadata => ({
  resolveDisplayNames: (channels) => Object.fromEntries(channels.map(({ id }) => [id, prefix + id])),
});

function setup(...integrations: readonly Integration[]) {
  const clock = createFakeClock();
  const errors: IntegrationError[] = [];
  const queries = createIntegrationQueries({
    integrations: () => integrations,
    active: new Map(),
    clock,
    timeoutMs: 5_000,
    onError: (error) => errors.push(error),
  });
  return { ...queries, clock, errors };
}

describe("a bot's attribution", () => {
  test("it is the answer of the integration of that type", async () => {
    const metadata: IntegrationMetadata = {
      userAttribution: ({ name }) => Promise.resolve({ username: name }),
    };
    const queries = setup(integration("hello", metadata), integration("other"));
    expect(await queries.getUserAttribution("hello", bot)).toEqual({ username: "aria" });
  });

  test.each(["unknown", "silent", "failing"])("it is empty for the %s type", async (type) => {
    const failing = {
      userAttribution: () => {
        throw new Error("down");
      },
    };
    const queries = setup(integration("silent", {}), integration("failing", failing));
    expect(await queries.getUserAttribution(type, bot)).toEqual({});
  });

  test("the integration's own object is its `this`", async () => {
    class Metadata {
      readonly icon = "wave";
      userAttribution() {
        return { icon: this.icon };
      }
    }
    const queries = setup(integration("hello", new Metadata()));
    expect(await queries.getUserAttribution("hello", bot)).toEqual({ icon: "wave" });
  });
});

describe("client ids", () => {
  const queries = setup(
    integration("hello", { clientIdPrefix: "hello:" }),
    integration("bare"),
    integration("other", { clientIdPrefix: "other:" }),
  );

  test("all prefixes are known, in order of loading", () => {
    expect(queries.getAllClientIdPrefixes()).toEqual(["hello:", "other:"]);
  });

  test.each([
    ["hello:C1", true],
    ["other:", true],
    ["hell", false],
    ["xhello:C1", false],
    ["bare:C1", false],
    ["", false],
    [null, false],
    [undefined, false],
  ])("whether %j belongs to an integration: %j", (clientId, expected) => {
    expect(queries.isIntegrationClientId(clientId)).toBe(expected);
  });

  test("without integrations no client id belongs to one", () => {
    expect(setup().isIntegrationClientId("hello:C1")).toBe(false);
  });
});

describe("display names", () => {
  test("channels are grouped by integration, and each is asked once", async () => {
    const resolveDisplayNames = vi.fn<NonNullable<IntegrationMetadata["resolveDisplayNames"]>>(() => ({
      a: "#a",
      c: "#c",
    }));
    const queries = setup(integration("hello", { resolveDisplayNames }), integration("x", named("~")));
    const channels = [channel("hello", "a"), channel("x", "b"), channel("hello", "c")];
    expect(await queries.resolveAllDisplayNames(channels)).toEqual({ a: "#a", b: "~b", c: "#c" });
    expect(resolveDisplayNames.mock.calls.map(([asked]) => asked)).toEqual([[channels[0], channels[2]]]);
  });

  test("integrations are asked at the same time", async () => {
    const waiting: (() => void)[] = [];
    const slow: IntegrationMetadata = {
      resolveDisplayNames: async (channels) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return Object.fromEntries(channels.map(({ id }) => [id, id]));
      },
    };
    const queries = setup(integration("one", slow), integration("two", slow));
    const asking = queries.resolveAllDisplayNames([channel("one", "a"), channel("two", "b")]);
    await settled();
    expect(waiting).toHaveLength(2);
    for (const go of waiting) go();
    expect(await asking).toEqual({ a: "a", b: "b" });
  });

  test("one that throws, one that rejects and one that hangs never affect another", async () => {
    const queries = setup(
      integration("throws", {
        resolveDisplayNames: () => {
          throw new Error("down");
        },
      }),
      integration("rejects", { resolveDisplayNames: () => Promise.reject(new Error("down")) }),
      integration("hangs", { resolveDisplayNames: () => new Promise(() => {}) }),
      integration("works", named("#")),
    );
    const types = ["throws", "rejects", "hangs", "works", "unknown"];
    const asking = queries.resolveAllDisplayNames(types.map((type) => channel(type, `${type}-1`)));
    await settled();
    queries.clock.advance(5_000);
    expect(await asking).toEqual({ "works-1": "#works-1" });
    expect(queries.errors.map(({ message }) => message)).toEqual([
      'resolveDisplayNames of "integration-throws" failed: down',
      'resolveDisplayNames of "integration-rejects" failed: down',
      'resolveDisplayNames of "integration-hangs" failed: no answer within 5000 ms',
    ]);
    expect(queries.errors[0]).toMatchObject({
      code: "QUERY_FAILED",
      details: { type: "throws", query: "resolveDisplayNames" },
    });
    expect(queries.clock.timers()).toBe(0);
  });

  test("a name for a channel that was not asked for, or that is no text, is left out", async () => {
    const intruder = { resolveDisplayNames: () => ({ a: "#a", b: "mine now", c: untyped(7) }) };
    const queries = setup(integration("hello", intruder), integration("x", named("#")));
    const channels = [channel("x", "b"), channel("hello", "a"), channel("hello", "c")];
    expect(await queries.resolveAllDisplayNames(channels)).toEqual({ a: "#a", b: "#b" });
  });

  test("an answer that is no object counts as none", async () => {
    const odd = { resolveDisplayNames: () => untyped(null) };
    const queries = setup(integration("hello", odd));
    expect(await queries.resolveAllDisplayNames([channel("hello", "a")])).toEqual({});
    expect(await queries.resolveAllDisplayNames([])).toEqual({});
  });
});

describe("where answers for a client id go", () => {
  const queries = setup(
    integration("hello", {
      clientIdPrefix: "hello:",
      resolveDispatchConfig: (clientId) =>
        clientId === "hello:gone" ? null : { channel: clientId.slice(6) },
    }),
    integration("silent", { clientIdPrefix: "silent:" }),
  );

  test("to the integration whose prefix it has", async () => {
    expect(await queries.resolveDispatchConfig("hello:C1")).toEqual({
      dispatch_type: "hello",
      dispatch_config: { channel: "C1" },
    });
  });

  test.each(["hello:gone", "silent:C1", "unknown:C1", "", null, undefined])(
    "nowhere for %j",
    async (clientId) => {
      expect(await queries.resolveDispatchConfig(clientId)).toBeNull();
    },
  );
});

describe("the time of an answer", () => {
  test("a late integration counts as silent, and its signal is aborted", async () => {
    let signal: AbortSignal | undefined;
    const queries = setup(
      integration("hello", {
        userAttribution: (_bot, given) => {
          signal = given;
          return new Promise(() => {});
        },
      }),
    );
    const asking = queries.getUserAttribution("hello", bot);
    await settled();
    expect(signal?.aborted).toBe(false);
    queries.clock.advance(5_000);
    expect(await asking).toEqual({});
    expect(signal?.aborted).toBe(true);
    expect(queries.errors).toHaveLength(1);
  });

  test("an answer in time leaves no timer behind", async () => {
    const queries = setup(integration("hello", { userAttribution: () => ({}) }));
    await queries.getUserAttribution("hello", bot);
    expect(queries.clock.timers()).toBe(0);
  });
});
