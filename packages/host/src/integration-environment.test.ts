import { expect, it } from "vitest";
import { integration } from "../test/fixtures.ts";
import { secretVariables, withoutSecretsOfOthers } from "./integration-environment.ts";

it("secretVariables names the secret variables of all integrations, each once", () => {
  const integrations = [
    integration({
      type: "a",
      environment: {
        required: ["A_TOKEN", "SHARED_KEY"],
        optional: ["A_ROOM"],
        secret: ["A_TOKEN", "SHARED_KEY"],
      },
    }),
    integration({
      type: "b",
      environment: { optional: ["SHARED_KEY", "B_KEY"], secret: ["SHARED_KEY", "B_KEY"] },
    }),
    integration({ type: "c", environment: { required: ["C_ROOM"] } }),
    integration({ type: "d" }),
  ];
  expect(secretVariables(integrations)).toEqual(["A_TOKEN", "SHARED_KEY", "B_KEY"]);
  expect(secretVariables([])).toEqual([]);
});

it("what one integration keeps secret is not set for another one that does not", () => {
  const open = integration({ environment: { optional: ["TOKEN", "NAME"] } });
  const closed = integration({ environment: { optional: ["TOKEN"], secret: ["TOKEN"] } });
  const environment = { TOKEN: "t", NAME: "n" };
  expect(withoutSecretsOfOthers(open, environment, ["TOKEN"])).toEqual({ NAME: "n" });
  expect(withoutSecretsOfOthers(closed, environment, ["TOKEN"])).toEqual(environment);
});
