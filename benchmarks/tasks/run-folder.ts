import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
// @boundaries-ignore shared by all that starts servers
import { startOrphanGuard } from "../../apps/server/src/processes/orphan-guard.ts";
// @boundaries-ignore shared by all that starts servers
import { isReachableByAll } from "../../test/postgres-binaries.ts";

/** A folder for the files of one run, and a guard: when this process dies, what it started dies with it. */
export interface RunFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Where a Postgres that runs as nobody can reach its files. */
export async function makeRunFolder(): Promise<RunFolder> {
  const isRoot = process.getuid?.() === 0;
  const parent = isRoot && !(await isReachableByAll(tmpdir())) ? "/tmp" : tmpdir();
  const path = await mkdtemp(join(parent, "agent-integrations-benchmark-"));
  await chmod(path, 0o755);
  const guard = startOrphanGuard({ remove: [path] });
  Object.assign(process.env, guard.environment);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      guard.close();
    },
  };
}
