import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
// @boundaries-ignore shared by all that starts servers
import type { PostgresCluster } from "../../test/postgres-cluster.ts";
// @boundaries-ignore shared by all that starts servers
import { startPostgresCluster } from "../../test/postgres-cluster.ts";

/** Ends the database as a crash would, and starts it again after so long. */
export type RestartDatabase = (downMs: number) => Promise<void>;

/** A Postgres of our own in `folder`, which keeps what it has acknowledged also through a crash. */
export async function startOwnServer(
  folder: string,
): Promise<PostgresCluster & { readonly restart: RestartDatabase }> {
  const cluster = await startPostgresCluster(folder, { synchronous_commit: "on" });
  const restart = async (downMs: number): Promise<void> => {
    await cluster.stop("immediate");
    await sleep(downMs);
    await cluster.start();
  };
  return Object.assign(cluster, { restart });
}

/** A folder that a Postgres which runs as nobody can reach. */
export async function makeServerFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "torture-"));
  await chmod(folder, 0o755);
  return folder;
}
