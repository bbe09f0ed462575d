import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { packageFolder } from "../test/package-folder.ts";

/** Runs in a process of its own: what a process has, before and after an import. */
const probe = `
  const state = () => ({
    globals: Reflect.ownKeys(globalThis).map(String).sort(),
    prototypes: [Object, Array, Function, Promise, Map, Set, String, Error].map((one) => Reflect.ownKeys(one.prototype).map(String)),
    listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    resources: process.getActiveResourcesInfo(),
    environment: { ...process.env },
  });
  const [url] = process.argv.slice(1);
  const before = state();
  const touched = [];
  for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch"]) {
    const original = globalThis[name];
    globalThis[name] = (...args) => { touched.push(name); return original(...args); };
  }
  const module = await import(url);
  console.log(JSON.stringify({ before, after: state(), touched, exports: Object.keys(module) }));
`;

test("importing the package does nothing", async () => {
  const url = pathToFileURL(join(packageFolder, "src/index.ts")).href;
  const run = promisify(execFile);
  const { stdout, stderr } = await run(process.execPath, [
    "--no-warnings",
    "--input-type=module",
    "--eval",
    probe,
    url,
  ]);
  const { before, after, touched, exports } = JSON.parse(stdout) as Record<string, unknown>;
  expect(stderr).toBe("");
  expect(after).toEqual(before);
  expect(touched).toEqual([]);
  expect(exports).toContain("createRegistry");
});
