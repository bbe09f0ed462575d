import type { Integration, IntegrationContext, IntegrationInstance } from "@core/registry";
import { describe, expect, it } from "vitest";
import { hostOf, idlePorts, integration } from "../test/fixtures.ts";
import type { HostFixture } from "../test/fixtures.ts";
import type { HttpPortRequest, IntegrationHostOptions } from "./index.ts";

describe("the context of an integration", () => {
  it("has the server's ports, made for its type", async () => {
    const storages: string[] = [];
    const requests: HttpPortRequest[] = [];
    const http = { fetch: globalThis.fetch };
    const storage = { get: async () => null, set: async () => {}, delete: async () => {} };
    const ports = idlePorts({
      http: (request) => (requests.push(request), http),
      storage: (type) => (storages.push(type), storage),
    });
    const { context, clock } = await contextOf({}, { ports });
    expect(context.http).toBe(http);
    expect(context.storage).toBe(storage);
    expect(context.files).toBe(ports.files);
    expect(context.host).toBe(ports.host);
    expect(context.clock).toBe(clock);
    expect(storages).toEqual(["hello"]);
    expect(requests).toEqual([{ type: "hello", trustedOrigins: [] }]);
  });

  it("logs under the integration's name", async () => {
    const { context, logger } = await contextOf({});
    context.logger.info({ room: 7 }, "Hello.");
    expect(logger.lines).toContainEqual({ level: "info", integration: "hello", room: 7, message: "Hello." });
  });

  it("trusts the origins of the addresses among the plain variables, each once", async () => {
    const requests: HttpPortRequest[] = [];
    const ports = idlePorts({ http: (request) => (requests.push(request), { fetch: globalThis.fetch }) });
    const environment = {
      HELLO_URL: "http://127.0.0.1:4003/api?x=1",
      HELLO_FILES: "https://User:Word@Files.Test:443/",
      HELLO_SAME: " http://127.0.0.1:4003 ",
      HELLO_SOCKET: "wss://socket.test",
      HELLO_NAME: "http",
      HELLO_EMPTY: "",
      HELLO_HOOK: "https://hooks.test/secret",
      UNDECLARED_URL: "http://undeclared.test",
    };
    const { UNDECLARED_URL: _, ...declared } = environment;
    await contextOf(
      { environment: { optional: Object.keys(declared), secret: ["HELLO_HOOK"] } },
      { environment, ports },
    );
    expect(requests[0]?.trustedOrigins).toEqual(["http://127.0.0.1:4003", "https://files.test"]);
  });
});

describe("secrets.resolve", () => {
  const environment = {
    HELLO_TOKEN: "hello-token",
    HELLO_ROOM: "7",
    HELLO_BLANK: " ",
    OTHER_TOKEN: "other-token",
    PATH: "/bin",
  };
  const declared = {
    environment: {
      required: ["HELLO_TOKEN", "HELLO_ROOM"],
      optional: ["HELLO_BLANK", "HELLO_UNSET"],
      secret: ["HELLO_TOKEN", "HELLO_BLANK", "HELLO_UNSET"],
    },
  };
  const other = integration({
    type: "other",
    environment: { required: ["OTHER_TOKEN"], secret: ["OTHER_TOKEN"] },
  });

  it("gives the integration's own secrets", async () => {
    const { context } = await contextOf(declared, { environment }, [other]);
    await expect(context.secrets.resolve("HELLO_TOKEN")).resolves.toBe("hello-token");
  });

  it.each([
    ["another integration's secret", "OTHER_TOKEN"],
    ["its own plain variable", "HELLO_ROOM"],
    ["a secret of only blanks", "HELLO_BLANK"],
    ["a secret that is not set", "HELLO_UNSET"],
    ["a variable of the server", "PATH"],
    ["an installation", "installation:T1"],
    ["what every object inherits", "constructor"],
    ["nothing", ""],
  ])("gives nothing for %s", async (_what, ref) => {
    const { context } = await contextOf(declared, { environment }, [other]);
    await expect(context.secrets.resolve(ref)).resolves.toBeNull();
  });

  it("reads the secret at the moment of use", async () => {
    const changing: Record<string, string> = { ...environment };
    const { context } = await contextOf(declared, { environment: changing });
    changing["HELLO_TOKEN"] = "renewed";
    await expect(context.secrets.resolve("HELLO_TOKEN")).resolves.toBe("renewed");
  });
});

/** The context that `setup` received. */
async function contextOf(
  spec: Partial<Integration>,
  options: Partial<IntegrationHostOptions> = {},
  others: readonly Integration[] = [],
): Promise<HostFixture & { readonly context: IntegrationContext }> {
  const received = Promise.withResolvers<IntegrationContext>();
  const setup = (context: IntegrationContext): IntegrationInstance => {
    received.resolve(context);
    return {};
  };
  const fixture = hostOf([integration({ ...spec, setup }), ...others], options);
  await fixture.host.start();
  return { ...fixture, context: await received.promise };
}
