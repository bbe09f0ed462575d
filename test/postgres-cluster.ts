import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chown, mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { OWNER_VARIABLE } from "../apps/server/src/processes/marked-processes.ts";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.ts";

/** A Postgres server that lives for one run of the tests. */
export interface PostgresCluster {
  readonly url: string;
  readonly pid: number;
  /** Ends it at once, for exit handlers. */
  kill(): void;
  /** Ends it without waiting for open connections; `immediate` leaves its files as a crash would. */
  stop(mode?: "fast" | "immediate"): Promise<void>;
  /** Starts it again after `stop`, on its port and with its files. */
  start(): Promise<void>;
}

const run = promisify(execFile);
const startAttempts = 3;

/**
 * Starts a Postgres whose files lie in `folder`, on a free port of 127.0.0.1. Without `settings` it is fast and may
 * lose its last commits when it is stopped as by a crash.
 */
export async function startPostgresCluster(
  folder: string,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<PostgresCluster> {
  const binaries = await findPostgresBinaries(folder);
  const dataDir = join(folder, "postgres");
  await mkdir(dataDir, { mode: 0o700 });
  if (binaries.owner !== undefined) await chown(dataDir, binaries.owner.uid, binaries.owner.gid);
  await initialise(binaries, dataDir);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return await createCluster(() => startServer(binaries, dataDir, { ...settings, port }), port);
    } catch (error) {
      // Somebody else may have taken the port in between.
      if (attempt === startAttempts) throw error;
    }
  }
}

async function initialise({ initdb, owner }: PostgresBinaries, dataDir: string): Promise<void> {
  const flags = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"];
  await run(initdb, [`--pgdata=${dataDir}`, ...flags, "--no-sync", "--no-instructions"], {
    ...owner,
    cwd: dataDir,
    env: serverEnvironment(),
  }).catch((cause: unknown) => {
    throw new Error("initdb failed. Set DATABASE_URL to let the tests use a server of yours.", { cause });
  });
}

async function startServer(
  { postgres, owner }: PostgresBinaries,
  dataDir: string,
  settings: Readonly<Record<string, string | number>>,
): Promise<ChildProcess> {
  const complete = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 200,
    shared_buffers: "64MB",
    dynamic_shared_memory_type: process.platform === "win32" ? "windows" : "mmap",
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    ...settings,
  };
  const flags = Object.entries(complete).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(postgres, ["-D", dataDir, ...flags], {
    ...owner,
    cwd: dataDir,
    env: serverEnvironment(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  await whenReady(server);
  return server;
}

/** Nothing of ours but the guard's mark: PGHOST, LC_ALL and the like would change the server. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env;
  const mark = process.env[OWNER_VARIABLE];
  return {
    PATH,
    LC_ALL: "C",
    TZ: "UTC",
    ...(mark === undefined ? {} : { [OWNER_VARIABLE]: mark }),
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
  };
}

async function whenReady(server: ChildProcess): Promise<void> {
  let log = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr?.setEncoding("utf8").on("data", (text: string) => {
      // Read to the end in any case, or a full pipe would stop the server.
      log = (log + text).slice(-4000);
      if (log.includes("ready to accept connections")) resolve();
    });
    server.once("error", reject);
    server.once("exit", (code) =>
      reject(new Error(`Postgres ended with code ${code} at its start:\n${log}`)),
    );
  });
}

async function createCluster(launch: () => Promise<ChildProcess>, port: number): Promise<PostgresCluster> {
  let server = await launch();
  const isRunning = (): boolean => server.exitCode === null && server.signalCode === null;
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    get pid() {
      return server.pid ?? 0;
    },
    kill: () => void server.kill("SIGQUIT"),
    async stop(mode = "fast") {
      if (!isRunning()) return;
      const ended = once(server, "exit");
      server.kill(mode === "fast" ? "SIGINT" : "SIGQUIT");
      await ended;
    },
    async start() {
      if (!isRunning()) server = await launch();
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string")
    throw new Error("No free port was found on 127.0.0.1.");
  return address.port;
}
