import { describe, expect, test } from "vitest";
import { z } from "zod";
import { untyped } from "../test/fixtures.ts";
import { defineIntegration } from "./integration.ts";

const schema = z.strictObject({});
const callableSchema = Object.assign(() => {}, { "~standard": schema["~standard"] });

function messageOf(spec: unknown): string {
  try {
    defineIntegration(untyped(spec));
  } catch (error) {
    expect(error).toMatchObject({ code: "INTEGRATION_INVALID", retryable: false });
    return error instanceof Error ? error.message : "";
  }
  return "";
}

function stating(fields: object): unknown {
  return { type: "hello", apiVersion: 1, ...fields };
}

test.each([
  ["undefined", undefined],
  ["null", null],
  ["string", "hello"],
  ["list", []],
  ["function", () => ({ type: "hello" })],
])("%s is no integration, but perhaps a missing export", (kind, value) => {
  expect(messageOf(value)).toBe(
    `Integration "${kind}" cannot be used: It is not an object. Pass what defineIntegration returns, and check the name of its export.`,
  );
});

test("an unknown property is refused, and the known ones are listed", () => {
  expect(messageOf(stating({ dispatchers: {} }))).toBe(
    'Integration "hello" cannot be used: "dispatchers" is no property of an integration. Remove it, or correct its spelling: there are type, apiVersion, packageName, description, environment, config, metadata, dispatcher, setup.',
  );
  expect(messageOf(stating({ toString: {} }))).toContain('"toString" is no property');
});

test.each(["none", "state", "webhooks", "git-auto-commit", "notifications", "destinations", "events"])(
  "the type %s is reserved",
  (type) => {
    expect(messageOf(stating({ type }))).toBe(
      `Integration "${type}" cannot be used: This type is reserved. Choose another one.`,
    );
  },
);

describe("what is no schema, function or object is refused under its name", () => {
  test.each([
    ["config", { config: {} }],
    ["config", { config: { "~standard": {} } }],
    ["config", { config: null }],
    ["dispatcher.target", { dispatcher: { target: { parse: () => {} } } }],
    ["dispatcher.target", { dispatcher: { target: () => {} } }],
    ["dispatcher.storedTarget", { dispatcher: { storedTarget: { "~standard": { validate: true } } } }],
  ])("%s is not a Standard Schema: %j", (place, fields) => {
    expect(messageOf(stating(fields))).toBe(
      `Integration "hello" cannot be used: ${place} is not a Standard Schema. Write one with Zod, Valibot, ArkType or the like.`,
    );
  });

  test.each([
    ["setup", { setup: {} }],
    ["dispatcher.orderKey", { dispatcher: { orderKey: "channel" } }],
    ["dispatcher.streamsTo", { dispatcher: { streamsTo: true } }],
  ])("%s is not a function: %j", (place, fields) => {
    expect(messageOf(stating(fields))).toBe(
      `Integration "hello" cannot be used: ${place} is not a function. Write a function, or leave it out.`,
    );
  });

  test.each(["dispatcher", "metadata", "environment"])("%s is not an object", (place) => {
    expect(messageOf(stating({ [place]: "x" }))).toContain(`${place} is not an object.`);
    expect(messageOf(stating({ [place]: null }))).toContain(`${place} is not an object.`);
  });

  test("a prefix of client ids is a text", () => {
    expect(messageOf(stating({ metadata: { clientIdPrefix: 7 } }))).toContain(
      "metadata.clientIdPrefix is not",
    );
  });
});

describe("the environment", () => {
  test.each(["HELLO-TOKEN", "1ST", "", "A B", "A=1", 7])("%j is no plain name of a variable", (name) => {
    for (const list of ["required", "optional", "secret"]) {
      expect(messageOf(stating({ environment: { [list]: [name] } }))).toContain(
        `environment.${list} names "${name}", which is not a plain name of a variable.`,
      );
    }
  });

  test("a secret that is in neither list is refused", () => {
    const environment = { required: ["HELLO_URL"], optional: ["HELLO_TOKEN"], secret: ["HELLO_TOKN"] };
    expect(messageOf(stating({ environment }))).toBe(
      'Integration "hello" cannot be used: environment.secret names "HELLO_TOKN", which is neither required nor optional. Add it to one of these lists.',
    );
  });

  test("a single name in the place of a list is refused", () => {
    expect(messageOf(stating({ environment: { required: "HELLO_URL" } }))).toContain(
      "environment.required is not a list.",
    );
  });
});

test("all problems are named at once", () => {
  const message = messageOf(stating({ setup: 1, config: 1, environment: { required: ["A-B"] } }));
  for (const place of ["setup", "config", "environment.required"]) expect(message).toContain(place);
});

test("everything that the types allow is taken, and so is a schema that is a function", () => {
  const full = {
    packageName: "integration-hello",
    description: "Says hello.",
    environment: { required: ["HELLO_URL"], optional: ["_token2"], secret: ["HELLO_URL", "_token2"] },
    config: schema,
    metadata: { clientIdPrefix: "hello:" },
    dispatcher: {
      target: callableSchema,
      storedTarget: schema,
      orderKey: () => null,
      streamsTo: () => false,
    },
    setup: () => ({}),
  };
  expect(messageOf(stating(full))).toBe("");
  expect(messageOf(stating({ setup: undefined, config: undefined, dispatcher: undefined }))).toBe("");
});
