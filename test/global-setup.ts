import { existsSync, rmSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchLaunchers } from "../apps/server/src/processes/launcher-watch.ts";
import { startOrphanGuard } from "../apps/server/src/processes/orphan-guard.ts";
import { preparePGliteTemplate } from "./pglite-template.ts";
import { isReachableByAll } from "./postgres-binaries.ts";
import { startPostgresCluster, type PostgresCluster } from "./postgres-cluster.ts";

/**
 * Prepares the databases of one test run and tells the tests by environment variables: TEST_POSTGRES_URL (a
 * server where they may create databases), TEST_PGLITE_DUMP (a tar) and TEST_PGLITE_TEMPLATE (a folder).
 * DATABASE_URL names a server to use instead of an embedded one; it is hidden from the tests.
 * When this process is killed outright, or what launched it is, the databases and servers of the run go with it.
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await makeRunFolder();
  const running: { cluster?: PostgresCluster } = {};
  const cleanUpAtExit = (): void => {
    running.cluster?.kill();
    removeFolderNow(folder);
  };
  process.once("exit", cleanUpAtExit);
  const guard = startOrphanGuard({ remove: [folder] });
  Object.assign(process.env, guard.environment);
  const unwatch = watchLaunchers({ onGone: () => process.kill(process.pid, "SIGTERM") });

  const [url, template] = await Promise.all([findCluster(folder, running), preparePGliteTemplate(folder)]);
  process.env["TEST_POSTGRES_URL"] = url;
  process.env["TEST_PGLITE_DUMP"] = template.dumpFile;
  process.env["TEST_PGLITE_TEMPLATE"] = template.folder;
  delete process.env["DATABASE_URL"];

  return async () => {
    await running.cluster?.stop();
    await rm(folder, { recursive: true, force: true });
    process.removeListener("exit", cleanUpAtExit);
    unwatch();
    guard.close();
  };
}

/** Tries until it is gone: a Postgres that is just ending still writes into it. */
function removeFolderNow(folder: string): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; attempt < 40 && existsSync(folder); attempt += 1) {
    if (attempt > 0) Atomics.wait(sleeper, 0, 0, 50);
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // The next attempt may succeed.
    }
  }
}

/** One folder for everything of the run, where a Postgres that runs as nobody can reach its own. */
async function makeRunFolder(): Promise<string> {
  const isRoot = process.getuid?.() === 0;
  const parent = isRoot && !(await isReachableByAll(tmpdir())) ? "/tmp" : tmpdir();
  const folder = await mkdtemp(join(parent, "agent-integrations-test-"));
  await chmod(folder, 0o755);
  return folder;
}

async function findCluster(folder: string, running: { cluster?: PostgresCluster }): Promise<string> {
  const given = process.env["DATABASE_URL"];
  if (given !== undefined && given !== "") return given;
  running.cluster = await startPostgresCluster(folder);
  return running.cluster.url;
}
