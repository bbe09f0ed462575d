import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));

it("documents every error code, and no code that does not exist", () => {
  expect(documentedCodes()).toEqual(definedCodes());
});

function documentedCodes(): readonly string[] {
  const page = readFileSync(`${root}docs/errors.md`, "utf8");
  return unique([...page.matchAll(/^\| `([A-Z_]+)` *\|/gm)].map(([, code]) => code ?? ""));
}

/** The codes in the unions `…ErrorCode` of the packages, and in the table of problems of the HTTP API. */
function definedCodes(): readonly string[] {
  const files = globSync(["packages/*/src/**/*.ts", "apps/server/src/**/*.ts"], { cwd: root });
  const sources = files
    .filter((file) => !file.endsWith(".test.ts"))
    .map((file) => readFileSync(root + file, "utf8"));
  const unions = sources.flatMap((source) => [...source.matchAll(/export type \w+ErrorCode =([^;]+);/g)]);
  const tables = sources.flatMap((source) => [
    ...source.matchAll(/export const problemStatuses = \{([^}]+)\}/g),
  ]);
  return unique([
    ...unions.flatMap(([, union = ""]) => [...union.matchAll(/"([A-Z_]+)"/g)].map(([, code]) => code ?? "")),
    ...tables.flatMap(([, table = ""]) => [...table.matchAll(/([A-Z_]+):/g)].map(([, code]) => code ?? "")),
  ]);
}

function unique(codes: readonly string[]): readonly string[] {
  return [...new Set(codes)].toSorted();
}
