/* oxlint-disable no-restricted-imports -- the exports are asked for as readers do */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { recordingLogger, untyped } from "../test/fixtures.ts";
import { packageFolder } from "../test/package-folder.ts";
import { greet } from "../test/readme/server.ts";

const EXAMPLES = ["test/readme/hello.ts", "test/readme/server.ts", "test/readme/own-events.ts"];

test("the README's example delivers and listens", async () => {
  const said: string[] = [];
  const logger = {
    ...recordingLogger(),
    info: (_fields: object, message: string) => void said.push(message),
  };
  expect(await greet("Ada", untyped({ logger }))).toEqual({ status: "delivered", externalIds: [] });
  expect(said).toEqual(["Hello, Ada!", "search ran."]);
  await expect(greet(untyped(7), untyped({ logger }))).rejects.toThrow(/expected string/);
});

test("the README shows the examples as they are tested", async () => {
  const readme = await read("README.md");
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
  expect(blocks).toEqual(await Promise.all(EXAMPLES.map(read)));
});

test("the README's install line names every package that its examples import", async () => {
  const [, install = ""] = /npm install (.*)/.exec(await read("README.md")) ?? [];
  const code = (await Promise.all(EXAMPLES.map(read))).join("\n");
  const imported = [...code.matchAll(/from "([^.].*?)"/g)].map(([, name = ""]) => name);
  expect([...new Set(imported)].filter((name) => !install.split(" ").includes(name))).toEqual([]);
});

test("the README's examples compile as they stand, with the types of Node or of the browser", () => {
  expect(compile({ types: ["node"], lib: ["lib.es2024.d.ts"] })).toEqual([]);
  expect(compile({ types: [], lib: ["lib.es2024.d.ts", "lib.dom.d.ts"] })).toEqual([]);
});

test("without the types of either they do not, as the README says", async () => {
  expect(compile({ types: [], lib: ["lib.es2024.d.ts"] }).join(" ")).toContain("AbortSignal");
  expect(await read("README.md")).toContain('`@types/node` or `lib: ["dom"]`');
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

/** What the strictest compiler says of the examples, with this package's sources in the place of its build. */
function compile(options: Pick<ts.CompilerOptions, "types" | "lib">): string[] {
  const program = ts.createProgram(
    EXAMPLES.map((path) => join(packageFolder, path)),
    {
      ...options,
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.NodeNext,
      strict: true,
      skipLibCheck: false,
      noUnusedLocals: true,
      verbatimModuleSyntax: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      customConditions: ["@core/source"],
    },
  );
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    );
}
