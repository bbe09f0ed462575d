// A process for tests: it owns a Postgres as a test run does, tells its pid, and waits to be killed.
import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startOrphanGuard } from "../apps/server/src/processes/orphan-guard.ts";
import { startPostgresCluster } from "./postgres-cluster.ts";

const folder = await mkdtemp(join(tmpdir(), "cluster-owner-"));
await chmod(folder, 0o755);
Object.assign(process.env, startOrphanGuard({ remove: [folder] }).environment);
const { url } = await startPostgresCluster(folder);
process.stdout.write(JSON.stringify({ folder, url }));
setInterval(() => undefined, 60_000);
