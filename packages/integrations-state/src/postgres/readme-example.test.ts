import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { stateMigrations } from "./state-migrations.ts";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));
const example = fileURLToPath(new URL("../../test/postgres-example.ts", import.meta.url));

async function readme(): Promise<string> {
  const files = globSync("README*.md", { cwd: packageFolder });
  return (await Promise.all(files.map((file) => readFile(join(packageFolder, file), "utf8")))).join("\n");
}

it("the README shows the example of the Postgres store that is tested", async () => {
  expect(await readme()).toContain(`\`\`\`ts\n${await readFile(example, "utf8")}\`\`\``);
});

it("that example runs", async () => {
  const run = promisify(execFile)(process.execPath, ["--conditions=@core/source", example]);
  await expect(run).resolves.toBeDefined();
});

it("the README shows the SQL of the table as it is", async () => {
  const statements = stateMigrations().migrations.flatMap((migration) => migration.statements);
  const spaces = /\s+/g;
  const shown = (await readme()).replace(spaces, " ");
  for (const statement of statements) expect(shown).toContain(`${statement.replace(spaces, " ")};`);
});
