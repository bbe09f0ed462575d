import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const packages = fileURLToPath(new URL("../packages/", import.meta.url));
const isWindows = process.platform === "win32";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "packed-tasks-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.skipIf(isWindows)(
  "the program of the README of @core/tasks runs with the packages as they are published",
  { timeout: 120_000 },
  async () => {
    for (const name of ["registry", "database", "tasks"]) await install(name);
    const readme = readFileSync(join(packages, "tasks/README.md"), "utf8");
    const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
    expect(program.split("\n").length).toBeLessThanOrEqual(40);
    await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
    await writeFile(join(folder, "program.ts"), program);
    const { stdout } = await run(process.execPath, ["program.ts"], { cwd: folder });
    const lines = stdout.trim().split("\n");
    expect(lines).toEqual(expect.arrayContaining(["snapshot", "task.completed", "HELLO", "GOOD MORNING"]));
    expect(lines.indexOf("snapshot")).toBeLessThan(lines.indexOf("task.completed"));
  },
);

/** Builds and packs a package, and unpacks it where the program finds it, with its dependencies beside it. */
async function install(name: string): Promise<void> {
  const source = join(packages, name);
  const stage = join(folder, "stage", name);
  await mkdir(stage, { recursive: true });
  for (const part of ["package.json", "README.md", "src"]) {
    await cp(join(source, part), join(stage, part), { recursive: true });
  }
  const tsup = join(source, "node_modules/tsup/dist/cli-default.js");
  await run(process.execPath, [tsup, "--no-dts", "--out-dir", join(stage, "dist")], { cwd: source });
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: stage });
  const target = join(folder, "node_modules/@core", name);
  await mkdir(target, { recursive: true });
  const [tarball = ""] = (await readdir(folder)).filter((file) => file.startsWith(`core-${name}-`));
  await run("tar", ["-xzf", join(folder, tarball), "-C", target, "--strip-components=1"]);
  await linkDependencies(source);
}

async function linkDependencies(source: string): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  const outside = Object.keys(manifest.dependencies ?? {}).filter((name) => !name.startsWith("@core/"));
  for (const name of outside) {
    const link = join(folder, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    const found = await realpath(join(source, "node_modules", name));
    await symlink(found, link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}
