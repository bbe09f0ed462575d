import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { boardSubject } from "../test/board-subject.ts";
import { dispatcherContract } from "./contract/dispatcher-contract.ts";

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
const example = fileURLToPath(new URL("../test/readme/board-contract.ts", import.meta.url));
const names = dispatcherContract(boardSubject()).map(({ name }) => name);

test("the README shows the example that is tested", async () => {
  expect(readme).toContain(`\`\`\`ts\n${await readFile(example, "utf8")}\`\`\``);
});

test("the README's example runs, and its integration passes every check", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@core/source", example]);
  expect(stdout).toMatch(new RegExp(`pass ${names.length}\n.*fail 0\n`));
});

test("the README lists all checks, in their order", () => {
  const listed = [...readme.matchAll(/^- (.*)$/gm)].map(([, name]) => name);
  expect(listed.slice(0, names.length)).toEqual(names);
});

test("the README names everything that the package exports to be called", async () => {
  const exported = Object.keys(await import("@core/testing"));
  expect(exported.filter((name) => !readme.includes(`\`${name}`))).toEqual([]);
});
