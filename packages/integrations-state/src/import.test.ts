import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

/** Runs in a process of its own: the packages that an import loads. */
const probe = `
  import { registerHooks } from "node:module";
  const packages = new Set();
  registerHooks({
    resolve(specifier, context, next) {
      if (!/^(?:\\.|\\/|file:|node:|#)/.test(specifier)) packages.add(specifier);
      return next(specifier, context);
    },
  });
  await import(process.argv[1]);
  console.log(JSON.stringify([...packages]));
`;

/** What a user may not have, and what only tests need. Some of it is loaded when it is first used. */
const LOADED_BY_NEED =
  /^(?:kysely|pg|nodemailer|vitest|fast-check|@opentelemetry\/.*|@core\/(?:database|testing).*)$/;

/** What not even a type may be of. */
const NAMED_BY_NEED = /^(?:kysely|pg|@core\/database.*)$/;

async function packagesLoadedBy(file: string): Promise<string[]> {
  const url = pathToFileURL(join(import.meta.dirname, file)).href;
  const flags = ["--no-warnings", "--conditions=@core/source", "--input-type=module", "--eval", probe];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, url]);
  return JSON.parse(stdout) as string[];
}

/** All that a file and those that it imports name, types included: what a user needs to compile. */
async function importsOf(file: string, seen: Set<string> = new Set()): Promise<Set<string>> {
  const text = await readFile(file, "utf8");
  for (const [, specifier = ""] of text.matchAll(/^(?:import|export) [^;]*?from "([^"]+)"/gms)) {
    const target = specifier.startsWith(".") ? join(dirname(file), specifier) : specifier;
    if (seen.has(target)) continue;
    seen.add(target);
    if (target !== specifier) await importsOf(target, seen);
  }
  return seen;
}

async function peersOf(file: string): Promise<Set<string>> {
  const loaded = await packagesLoadedBy(file);
  const named = [...(await importsOf(join(import.meta.dirname, file)))];
  expect(loaded).toContain("@core/registry");
  expect(named).toContain("@core/registry");
  return new Set([
    ...loaded.filter((name) => LOADED_BY_NEED.test(name)),
    ...named.filter((name) => NAMED_BY_NEED.test(name)),
  ]);
}

it.each(["index.ts", "testing.ts"])("%s is imported and compiled without any peer", async (file) => {
  expect(await peersOf(file)).toEqual(new Set());
});

it("postgres.ts needs kysely, and neither a driver nor @core/database", async () => {
  expect(await peersOf("postgres.ts")).toEqual(new Set(["kysely"]));
});
