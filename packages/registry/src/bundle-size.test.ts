import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { packageFolder } from "../test/package-folder.ts";

/**
 * Every integration carries this package with it, so it stays small; half of it are messages that say what to do.
 * Today it has 17,400 bytes and the rest is room for small repairs; 3,000 of them refuse an integration that states
 * nonsense, and tell its author how to mend it. Whoever needs more should say in the review what it buys the authors
 * of integrations.
 */
const MAX_BYTES = 17_600;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(packageFolder, "src/index.ts")],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

test("the whole package is small and imports nothing", async () => {
  const code = await bundle();
  expect(code).not.toMatch(/\b(import|require)\b/);
  expect(code).toContain("defineIntegration");
  expect(Buffer.byteLength(code)).toBeLessThanOrEqual(MAX_BYTES);
});

test("the package has no dependency that its users would have to install", async () => {
  const manifest: unknown = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8"));
  const {
    dependencies = {},
    peerDependencies = {},
    optionalDependencies = {},
  } = manifest as Record<string, object>;
  expect({ ...dependencies, ...peerDependencies, ...optionalDependencies }).toEqual({});
});

test("a function that nobody uses is left out of a bundle", async () => {
  const { outputFiles } = await build({
    stdin: { contents: 'export { delivered } from "./src/index.ts";', resolveDir: packageFolder },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    write: false,
  });
  expect(outputFiles[0]?.contents.byteLength).toBeLessThan(200);
});
