/* oxlint-disable no-restricted-imports -- the example is written as its readers write it */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contextOf, deliveryContext, messageDelivery, recordingLogger, untyped } from "../test/fixtures.ts";
import { packageFolder } from "../test/package-folder.ts";

// #region integration
import { createRegistry, defineIntegration, delivered, parseTarget } from "@core/registry";
import { z } from "zod";

const hello = defineIntegration({
  type: "hello",
  apiVersion: 1,
  dispatcher: { target: z.strictObject({ name: z.string() }), idempotent: true },
  setup({ logger }) {
    return {
      async deliver({ id, target }) {
        logger.info({ id }, `Hello, ${target.name}!`);
        return delivered();
      },
      hooks: [
        { event: "after_tool_call", listener: ({ data }) => logger.info({}, `${data.tool_name} ran.`) },
      ],
    };
  },
});
// #endregion

test("the README's example delivers and listens", async () => {
  const said: string[] = [];
  const logger = {
    ...recordingLogger(),
    info: (_fields: object, message: string) => void said.push(message),
  };
  const context = untyped({ logger });
  const delivery = messageDelivery(null);
  const attempt = deliveryContext();
  const whose = contextOf("run-1");
  const data = { tool_name: "search", tool_args: {}, result: null, duration_ms: 5, error: null };

  // #region server
  const registry = createRegistry({ integrations: [hello], logger });
  const deactivate = registry.activate("hello", (await hello.setup?.(context)) ?? {});

  const dispatcher = registry.dispatchers.get("hello");
  const written = await parseTarget(dispatcher, { name: "Ada" }); // when somebody states a target
  if (!written.ok) throw new Error(written.issues.map(({ message }) => message).join(" "));
  const outcome = await dispatcher.deliver({ ...delivery, target: written.target }, attempt);

  registry.hooks.emit("after_tool_call", whose, data); // comes back at once and never throws
  await registry.hooks.flush();
  deactivate();
  // #endregion

  expect(outcome).toEqual({ status: "delivered", externalIds: [] });
  expect(said).toEqual(["Hello, Ada!", "search ran."]);
  expect(registry.dispatchers.isReady("hello")).toBe(false);
});

test("the README shows the examples as they are tested", async () => {
  const readme = await read("README.md");
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code.trim());
  expect(blocks).toEqual([
    await region("src/readme-example.test.ts", "integration"),
    await region("src/readme-example.test.ts", "server"),
    await region("src/declaration-merging.test.ts", "merging"),
  ]);
});

test("the README names everything that the package exports to be called", async () => {
  const readme = await read("README.md");
  const missing = Object.keys(await import("@core/registry")).filter((name) => !readme.includes(`\`${name}`));
  expect(missing).toEqual([]);
});

test("the README lists all codes of errors, and no others", async () => {
  const codesIn = (text: string): string[] => [...new Set(text.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g))].toSorted();
  const errors = await read("src/errors.ts");
  const [union = ""] = /RegistryErrorCode =[^;]*/.exec(errors) ?? [];
  const [, listed = ""] = (await read("README.md")).split("## Errors");
  expect(codesIn(listed)).toEqual(codesIn(union));
});

function read(path: string): Promise<string> {
  return readFile(join(packageFolder, path), "utf8");
}

/** The lines between two marks, moved to the left margin. */
async function region(path: string, name: string): Promise<string> {
  const [, code = ""] =
    new RegExp(`// #region ${name}\n(.*?)\n *// #endregion`, "s").exec(await read(path)) ?? [];
  const margin = /^ */.exec(code)?.[0] ?? "";
  return code.replaceAll(new RegExp(`^${margin}`, "gm"), "");
}
