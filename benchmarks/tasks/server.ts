import pg from "pg";
// @boundaries-ignore shared by all that starts servers
import { startPostgresCluster } from "../../test/postgres-cluster.ts";

/** A Postgres server where the benchmark makes its databases. */
export interface Server {
  /** Makes an empty database, with nothing of former work left to be written, and returns its address. */
  createDatabase(name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  facts(): Promise<ServerFacts>;
  close(): Promise<void>;
}

export interface ServerFacts {
  readonly version: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Uses the server at `url`, or starts one in `folder` with the settings of a fresh installation. */
export async function openServer(url: string | null, folder: string): Promise<Server> {
  const started = url === null ? await startPostgresCluster(folder, stockSettings) : null;
  if (started !== null) process.once("exit", () => started.kill());
  const address = url ?? started?.url ?? "";
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  return {
    async createDatabase(name) {
      await client.query(`create database ${pg.escapeIdentifier(name)}`);
      await client.query("checkpoint");
      const created = new URL(address);
      created.pathname = `/${name}`;
      return created.href;
    },
    async dropDatabase(name) {
      await client.query(`drop database ${pg.escapeIdentifier(name)} with (force)`);
    },
    facts: () => readFacts(client),
    async close() {
      await client.end();
      await started?.stop();
    },
  };
}

/** Every commit reaches the disk: the tests' server is faster and may forget. */
const stockSettings = {
  max_connections: 100,
  shared_buffers: "128MB",
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
};

const telling = [...Object.keys(stockSettings), "wal_level", "max_wal_size", "autovacuum", "jit"];

async function readFacts(client: pg.Client): Promise<ServerFacts> {
  const { rows } = await client.query<{ name: string; value: string }>(
    `select name, current_setting(name) as value from pg_settings
     where name = any($1) or name = 'server_version' order by name`,
    [telling],
  );
  const settings = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  const { server_version: version = "", ...others } = settings;
  return { version, settings: others };
}
