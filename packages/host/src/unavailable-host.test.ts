import { expect, it } from "vitest";
import { untyped } from "../test/fixtures.ts";
import { isHostError } from "./errors.ts";
import { unavailableHost } from "./unavailable-host.ts";

const host = unavailableHost();

it.each([
  ["ingest", () => host.ingest(untyped({}))],
  ["inject", () => host.inject(untyped({}))],
  ["channelConfig", () => host.channelConfig("hello:1")],
  ["cancelTask", () => host.cancelTask("t1")],
  ["decideApproval", () => host.decideApproval("a1", { allow: true, decided_by: "Ada" })],
])("host.%s rejects and says that this server cannot do it", async (method, call) => {
  const error: unknown = await call().catch((thrown: unknown) => thrown);
  expect(isHostError(error)).toBe(true);
  expect(error).toMatchObject({
    code: "HOST_PORT_UNAVAILABLE",
    message: expect.stringMatching(`^host.${method} was refused: this server cannot `),
    retryable: false,
    details: { method },
  });
});

it("no other error is taken for one of this package", () => {
  expect(isHostError(new Error("other"))).toBe(false);
  expect(isHostError({ name: "HostError", code: "X", details: {} })).toBe(false);
});
