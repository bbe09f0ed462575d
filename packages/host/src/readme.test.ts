/* oxlint-disable no-restricted-imports -- the exports are asked for as readers do */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
const example = fileURLToPath(new URL("../test/readme-example.ts", import.meta.url));

test("the README shows the example that is tested", async () => {
  expect(readme).toContain(`\`\`\`ts\n${await readFile(example, "utf8")}\`\`\``);
});

test("the README's example runs", async () => {
  const run = promisify(execFile)(process.execPath, ["--conditions=@core/source", example]);
  await expect(run).resolves.toBeDefined();
});

test("the README names everything that the package exports to be called", async () => {
  const missing = Object.keys(await import("@core/host")).filter((name) => !readme.includes(`\`${name}`));
  expect(missing).toEqual([]);
});

test("the README names every error code, and no others", async () => {
  const source = await readFile(new URL("errors.ts", import.meta.url), "utf8");
  const codes = [...source.matchAll(/\| "([A-Z_]+)"/g)].map(([, code]) => code);
  const named = [...readme.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code);
  expect(named).toEqual(codes);
});
