import { delivered } from "@core/registry";
import type { IntegrationHealth, IntegrationInstance } from "@core/registry";
import { describe, expect, it } from "vitest";
import { hostOf, integration, integrationOf, never, schemaOf, untyped } from "../test/fixtures.ts";

const deliver = async (): Promise<ReturnType<typeof delivered>> => delivered();

describe("list", () => {
  it("tells all that is known of an integration, under the names of the wire", async () => {
    const hello = integration({
      packageName: "hello-integration",
      description: "Says hello.",
      environment: {
        required: ["HELLO_TOKEN", "HELLO_ROOM"],
        optional: ["HELLO_URL", "HELLO_ROOM", "HELLO_PROXY_KEY"],
        secret: ["HELLO_TOKEN", "HELLO_PROXY_KEY"],
      },
      dispatcher: { capabilities: { threads: true, max_text: 100 } },
      setup: () => ({ deliver, health: () => ({ status: "ok" }) }),
    });
    const environment = { HELLO_TOKEN: "abc", HELLO_ROOM: "7", HELLO_URL: " " };
    const { host, clock } = hostOf([hello], { environment });
    await clock.elapse(1_500);
    await host.start();
    await clock.elapse(500);
    expect(await host.list()).toEqual([
      {
        type: "hello",
        package_name: "hello-integration",
        description: "Says hello.",
        status: "ready",
        since: "1970-01-01T00:00:01.500Z",
        health: { status: "ok" },
        capabilities: { threads: true, max_text: 100 },
        environment: [
          { name: "HELLO_TOKEN", required: true, secret: true, set: true },
          { name: "HELLO_ROOM", required: true, secret: false, set: true },
          { name: "HELLO_URL", required: false, secret: false, set: false },
          { name: "HELLO_PROXY_KEY", required: false, secret: true, set: false },
        ],
      },
    ]);
  });

  it("leaves out what there is not, keeps the order of the registry, and is JSON", async () => {
    const { host } = hostOf([integration({ type: "b" }), integration({ type: "a", dispatcher: {} })]);
    await host.start();
    const list = await host.list();
    const bare = { package_name: null, description: null, status: "ready", environment: [] };
    const since = "1970-01-01T00:00:00.000Z";
    expect(list).toEqual([
      { type: "b", ...bare, since, capabilities: null },
      { type: "a", ...bare, since, capabilities: {} },
    ]);
    expect(JSON.parse(JSON.stringify(list))).toEqual(list);
  });

  it("tells since when, at each change", async () => {
    const gate = Promise.withResolvers<void>();
    const { host, clock } = hostOf([integrationOf({ start: () => gate.promise })]);
    await clock.elapse(1_000);
    const started = host.start();
    await clock.elapse(1_000);
    expect(await host.list()).toMatchObject([{ status: "starting", since: "1970-01-01T00:00:01.000Z" }]);
    gate.resolve();
    await started;
    expect(await host.list()).toMatchObject([{ status: "ready", since: "1970-01-01T00:00:02.000Z" }]);
    await clock.elapse(1_000);
    await host.stop();
    expect(await host.list()).toMatchObject([{ status: "stopped", since: "1970-01-01T00:00:03.000Z" }]);
  });

  it("never shows a value, whatever an integration says", async () => {
    const environment = {
      A_TOKEN: "token-of-a",
      A_PIN: "42",
      A_STAGE: "production",
      B_TOKEN: 'quo"ted token/of b\n',
    };
    const said = `${Object.values(environment).join(", ")}, ${JSON.stringify(environment.B_TOKEN)}, ${encodeURIComponent(environment.B_TOKEN.trim())}`;
    const declared = {
      optional: ["A_TOKEN", "A_PIN", "A_STAGE", "B_TOKEN"],
      secret: ["A_TOKEN", "A_PIN", "B_TOKEN"],
    };
    const talkative: IntegrationInstance = { health: () => ({ status: "degraded", detail: said }) };
    const { host } = hostOf(
      [
        integration({ type: "failed", environment: declared, setup: () => throwing(new Error(said)) }),
        integration({ type: "down", environment: declared, setup: () => talkative }),
        integration({
          type: "refused",
          environment: declared,
          config: schemaOf(() => ({ issues: [{ message: said, path: ["A_STAGE"] }] })),
          setup: () => ({}),
        }),
      ],
      { environment },
    );
    await host.start();
    const text = JSON.stringify(await host.list());
    for (const value of ["token-of-a", "42", "production", "quo", "ted token", "of b", "of%20b"]) {
      expect(text).not.toContain(value);
    }
    expect(text).toContain("$A_TOKEN, $A_PIN, $A_STAGE, $B_TOKEN");
  });

  it("never shows another integration's secret", async () => {
    const other = integration({
      type: "other",
      environment: { required: ["OTHER_TOKEN"], secret: ["OTHER_TOKEN"] },
    });
    const curious = integration({ setup: () => throwing(new Error("I read other-secret somewhere")) });
    const { host } = hostOf([curious, other], { environment: { OTHER_TOKEN: "other-secret" } });
    await host.start();
    expect(await host.list()).toMatchObject([{ error: "I read $OTHER_TOKEN somewhere" }, {}]);
  });
});

describe("health", () => {
  it.each([
    [
      "is given as it is",
      () => ({ status: "degraded", detail: "slow" }),
      { status: "degraded", detail: "slow" },
    ],
    ["may be promised", async () => ({ status: "ok" }), { status: "ok" }],
    [
      "loses what the contract does not know",
      () => ({ status: "ok", detail: 7, token: "x" }),
      { status: "ok" },
    ],
    ["is down when it throws", () => throwing(new Error("no line")), { status: "down", detail: "no line" }],
    [
      "is down when it rejects",
      () => Promise.reject(new Error("no line")),
      { status: "down", detail: "no line" },
    ],
  ])("%s", async (_what, health, expected) => {
    const { host } = hostOf([integrationOf({ health: untyped(health) })]);
    await host.start();
    const [status] = await host.list();
    expect(status?.health).toEqual(expected);
  });

  it.each([null, undefined, "fine", { status: "great" }])("is down when it answers %j", async (answer) => {
    const { host } = hostOf([integrationOf({ health: () => untyped(answer) })]);
    await host.start();
    expect(await host.list()).toMatchObject([
      { status: "ready", health: { status: "down", detail: expect.stringContaining("gave no status") } },
    ]);
  });

  it("is down when it is late, which holds nobody else up longer", async () => {
    const answers: (() => Promise<IntegrationHealth>)[] = [() => never, async () => ({ status: "ok" })];
    const { host, clock } = hostOf(
      answers.map((health, index) => integrationOf({ health }, `hello-${index}`)),
      { healthTimeoutMs: 20 },
    );
    await host.start();
    const listed = host.list();
    await clock.elapse(20);
    expect(await listed).toMatchObject([
      { health: { status: "down", detail: expect.stringContaining("within 20 ms") } },
      { health: { status: "ok" } },
    ]);
    expect(clock.pending()).toBe(0);
  });

  it("is asked once for all who ask at the same time, and anew after that", async () => {
    let asked = 0;
    const health = async (): Promise<IntegrationHealth> => ({ status: "ok", detail: String((asked += 1)) });
    const { host } = hostOf([integrationOf({ health })]);
    await host.start();
    const together = await Promise.all([host.list(), host.list()]);
    expect(together.flat().map((one) => one.health?.detail)).toEqual(["1", "1"]);
    expect(await host.list()).toMatchObject([{ health: { detail: "2" } }]);
  });

  it("is asked of ready integrations only", async () => {
    let asked = 0;
    const health = (): IntegrationHealth => ({ status: "ok", detail: String((asked += 1)) });
    const gate = Promise.withResolvers<void>();
    const { host, clock } = hostOf([integrationOf({ health, start: () => gate.promise })]);
    const started = host.start();
    await clock.elapse(0);
    await host.list();
    gate.resolve();
    await started;
    await host.stop();
    const [status] = await host.list();
    expect(status).not.toHaveProperty("health");
    expect(asked).toBe(0);
  });
});

function throwing(value: unknown): never {
  throw value;
}
