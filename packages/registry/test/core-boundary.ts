import ts from "typescript";

/** One source file, with the name of its package and its path within it. */
export interface CoreSource {
  readonly packageName: string;
  readonly path: string;
  readonly text: string;
}

/** Whose packages a package of @core may import; what is not listed here it may not. */
export const FLOORS: Readonly<Record<string, readonly string[]>> = {
  // 0
  "@core/registry": [],
  "@core/database": [],
  // 1
  "@core/outbound": ["@core/registry"],
  // 2
  "@core/tasks": ["@core/registry", "@core/database", "@core/outbound"],
  "@core/integrations-state": ["@core/registry", "@core/database", "@core/outbound"],
  // 3
  "@core/conversations": [
    "@core/registry",
    "@core/database",
    "@core/outbound",
    "@core/tasks",
    "@core/integrations-state",
  ],
  "@core/host": [
    "@core/registry",
    "@core/database",
    "@core/outbound",
    "@core/tasks",
    "@core/integrations-state",
  ],
  // beside the floors
  "@core/testing": ["@core/registry"],
};

/** Brands are found inside longer words too; names that are English words only as whole words. */
const BRANDS =
  /slack|discord|telegram|whatsapp|mattermost|github|gitlab|bitbucket|jira|zendesk|trello|twilio/i;
const BRAND_WORDS = /(?<![a-z0-9])(?:teams|linear|notion|asana|zulip)(?![a-z0-9])/i;

/** The one place in core that may name services: a file per notification channel. */
const BRANDED_FOLDER = { packageName: "@core/integrations-state", path: "src/channels/" };

/** All that a file of core does and may not do, as sentences; comments are read by people only and do not count. */
export function boundaryProblems(source: CoreSource): string[] {
  return [...importProblems(source), ...brandProblems(source)];
}

/** What a package says in its package.json that it needs at run time, and may not. */
export function dependencyProblems(packageName: string, dependencies: readonly string[]): string[] {
  return dependencies.flatMap((name) => {
    const problem = packageProblem(packageName, name);
    return problem === null ? [] : [`package.json: ${problem}`];
  });
}

function importProblems({ packageName, path, text }: CoreSource): string[] {
  return ts.preProcessFile(text).importedFiles.flatMap(({ fileName }) => {
    const problem = fileName.startsWith(".")
      ? leavingProblem(path, fileName)
      : packageProblem(packageName, fileName);
    return problem === null ? [] : [`${path}: ${problem}`];
  });
}

function leavingProblem(path: string, specifier: string): string | null {
  const url = new URL(specifier, `file:///packages/this/${path}`);
  if (url.pathname.startsWith("/packages/this/")) return null;
  return `"${specifier}" leaves the package. Import the other package by its name.`;
}

function packageProblem(packageName: string, specifier: string): string | null {
  const [scope, name] = specifier.split("/");
  if (scope === "@integration") return `core imports the integration "${specifier}". Use a port or a hook.`;
  if (scope !== "@core") return null;
  const floor = FLOORS[packageName];
  if (floor === undefined) return `${packageName} has no floor yet. Add it to FLOORS.`;
  if (floor.includes(`@core/${name}`)) return null;
  return `${packageName} may not import "${specifier}". Imports only go down.`;
}

function brandProblems({ packageName, path, text }: CoreSource): string[] {
  if (packageName === BRANDED_FOLDER.packageName && path.startsWith(BRANDED_FOLDER.path)) return [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const places = [{ where: `${path}: its name`, word: path }];
  visit(file);
  return places
    .filter(({ word }) => BRANDS.test(word) || BRAND_WORDS.test(word))
    .map(({ where, word }) => `${where} names a service in its logic: ${word}`);

  function visit(node: ts.Node): void {
    if (isWording(node)) {
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
      places.push({ where: `${path}:${line}`, word: node.getText(file) });
    }
    ts.forEachChild(node, visit);
  }
}

/** Whatever an author words freely: names, texts and patterns. */
function isWording(node: ts.Node): boolean {
  return (
    ts.isIdentifier(node) ||
    ts.isPrivateIdentifier(node) ||
    ts.isStringLiteralLike(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node) ||
    ts.isRegularExpressionLiteral(node)
  );
}
