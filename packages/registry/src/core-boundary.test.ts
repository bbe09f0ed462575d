import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { describe, expect, test } from "vitest";
import { boundaryProblems, dependencyProblems, FLOORS } from "../test/core-boundary.ts";
import type { CoreSource } from "../test/core-boundary.ts";
import { packagesFolder } from "../test/package-folder.ts";

interface CorePackage {
  readonly name: string;
  readonly folder: string;
  readonly dependencies: readonly string[];
}

const packages = await corePackages();

test("this package and its neighbours are found", () => {
  expect(packages.map(({ name }) => name)).toContain("@core/registry");
});

describe.each(packages)("$name", ({ name, folder, dependencies }) => {
  test("it imports only floors below, and no integration is named in its logic", async () => {
    const sources = await sourcesOf(name, folder);
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.flatMap((source) => boundaryProblems(source))).toEqual([]);
  });

  test("it depends only on floors below", () => {
    expect(dependencyProblems(name, dependencies)).toEqual([]);
  });
});

describe("the floors", () => {
  test("nobody may import itself, directly or over others", () => {
    const reach = (name: string): string[] =>
      (FLOORS[name] ?? []).flatMap((below) => [below, ...reach(below)]);
    for (const name of Object.keys(FLOORS)) expect(reach(name)).not.toContain(name);
  });

  test.each([
    ["@core/registry", "@core/database"],
    ["@core/database", "@core/registry"],
    ["@core/outbound", "@core/database"],
    ["@core/tasks", "@core/integrations-state"],
    ["@core/integrations-state", "@core/tasks"],
    ["@core/conversations", "@core/host"],
    ["@core/testing", "@core/tasks"],
  ])("%s may not import %s", (packageName, specifier) => {
    for (const statement of importsOf(specifier)) {
      expect(problemsOf(statement, { packageName })).toEqual([
        `src/x.ts: ${packageName} may not import "${specifier}". Imports only go down.`,
      ]);
    }
    expect(dependencyProblems(packageName, ["zod", specifier])).toHaveLength(1);
  });

  test.each([
    ["@core/outbound", "@core/registry"],
    ["@core/tasks", "@core/database/testing"],
    ["@core/host", "@core/tasks"],
  ])("%s may import %s", (packageName, specifier) => {
    for (const statement of importsOf(specifier)) expect(problemsOf(statement, { packageName })).toEqual([]);
  });

  test("a package without a floor has to be given one", () => {
    const problems = problemsOf('import "@core/registry";', { packageName: "@core/new" });
    expect(problems).toEqual(["src/x.ts: @core/new has no floor yet. Add it to FLOORS."]);
  });

  test.each(["../../other/src/index.ts", "../../../apps/server/src/main.ts"])(
    "the import %s leaves the package and is found",
    (specifier) => {
      expect(problemsOf(`export * from "${specifier}";`)).toEqual([
        `src/x.ts: "${specifier}" leaves the package. Import the other package by its name.`,
      ]);
    },
  );

  test("an import within the package is no problem", () => {
    expect(problemsOf('import { a } from "./a.ts"; import b from "../package.json";')).toEqual([]);
  });

  test("an import of an integration is found", () => {
    expect(problemsOf('await import("@integration/hello");')).toEqual([
      'src/x.ts: core imports the integration "@integration/hello". Use a port or a hook.',
    ]);
  });
});

describe("names of services", () => {
  test.each([
    'const type = "slack";',
    "const slackClient = 1;",
    "class GitHubThing {}",
    "if (id.startsWith(`discord:${x}`)) y();",
    "const p = /^telegram:/;",
    "read(env.TEAMS_TOKEN);",
    'type Kind = "notion" | "other";',
    'const url = "https://slack.com"; // a comment',
    'const quote = /["\']/; const x = "jira"; // \'',
  ])("%s is found", (text) => {
    expect(problemsOf(text)).toHaveLength(1);
  });

  test.each([
    "// such as slack",
    '/** Such as `slack:`. "github" */ const a = 1;',
    "const a = 1; /* discord */ // teams",
    "const pattern = /[\"']/; // slack, and it's fine",
    "const b = `${a /* slack */}`;",
    "const teamsters = linearity;",
  ])("%s is not", (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  test("the line and the word are shown", () => {
    expect(problemsOf('const a = 1;\n\nconst b = "slack:";')).toEqual([
      'src/x.ts:3 names a service in its logic: "slack:"',
    ]);
  });

  test("the name of a file counts, too", () => {
    expect(problemsOf("", { path: "src/slack-things.ts" })).toHaveLength(1);
  });

  test("the folder of notification channels may name its services, and still import nothing above it", () => {
    const channel = { packageName: "@core/integrations-state", path: "src/channels/slack.ts" };
    expect(problemsOf('const type = "slack";', channel)).toEqual([]);
    expect(problemsOf('import "@core/tasks";', channel)).toHaveLength(1);
    expect(problemsOf('const type = "slack";', { ...channel, packageName: "@core/tasks" })).toHaveLength(2);
  });
});

function problemsOf(text: string, source: Partial<CoreSource> = {}): string[] {
  return boundaryProblems({ packageName: "@core/tasks", path: "src/x.ts", ...source, text });
}

function importsOf(specifier: string): string[] {
  return [
    `import { x } from "${specifier}";`,
    `import type { X } from "${specifier}";`,
    `export * from "${specifier}";`,
    `const x = await import("${specifier}");`,
    `type X = import("${specifier}").X;`,
  ];
}

async function corePackages(): Promise<CorePackage[]> {
  const names = await readdir(packagesFolder);
  const found = await Promise.all(names.map((name) => readPackage(join(packagesFolder, name))));
  return found.filter((one) => one !== null && one.name.startsWith("@core/")) as CorePackage[];
}

async function readPackage(folder: string): Promise<CorePackage | null> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => null);
  if (text === null) return null;
  const { name, dependencies, peerDependencies } = JSON.parse(text) as Record<string, object> & {
    name: string;
  };
  return { name, folder, dependencies: Object.keys({ ...dependencies, ...peerDependencies }) };
}

async function sourcesOf(packageName: string, folder: string): Promise<CoreSource[]> {
  const names = await readdir(join(folder, "src"), { recursive: true });
  const paths = names.filter((name) => /\.[cm]?[jt]sx?$/.test(name) && !name.includes(".test."));
  return Promise.all(
    paths.map(async (name) => ({
      packageName,
      path: `src/${name.replaceAll(sep, "/")}`,
      text: await readFile(join(folder, "src", name), "utf8"),
    })),
  );
}
