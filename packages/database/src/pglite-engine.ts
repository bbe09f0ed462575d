import { join, resolve } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import type { PGliteDialectConfig } from "kysely";
import { ChannelHub } from "./channel-hub.ts";
import { columnParsers, sessionSettings } from "./column-parsers.ts";
import { lockDataDir, type DataDirLock } from "./data-dir-lock.ts";
import type { Engine } from "./engine.ts";
import { DatabaseError } from "./errors.ts";
import type { DatabaseLogger } from "./logger.ts";
import { StrictPGliteDialect } from "./pglite-dialect.ts";
import { encodeParameters } from "./parameter-encoding.ts";

/** Options of an embedded database in a folder. */
export interface EmbeddedOptions {
  /** The data folder, made (mode 0700) when missing. The database lives in its subfolder `pglite`. */
  readonly dataDir: string;
  /** The lock of `dataDir` when the caller holds it already; otherwise it is taken, and released at close. */
  readonly lock?: DataDirLock;
}

/** Options of an embedded database that is gone when it closes. */
export interface MemoryOptions {
  readonly memory: true;
  /** A tar of an initialised data folder: starts in a quarter of the time. */
  readonly dump?: Blob;
}

/** Opens PGlite in a locked data folder. */
export async function openEmbedded(options: EmbeddedOptions, logger: DatabaseLogger): Promise<Engine> {
  const lock = options.lock ?? (await lockDataDir(options.dataDir));
  const release = async (): Promise<void> => {
    if (options.lock === undefined) await lock.release();
  };
  try {
    assertLockFits(lock, options.dataDir);
    const folder = join(lock.dir, "pglite");
    const pglite = await startPGlite({ dataDir: folder }, `in ${folder}`);
    return createEngine(pglite, logger, release);
  } catch (error) {
    await release();
    throw error;
  }
}

/** Opens PGlite in memory. */
export async function openInMemory(options: MemoryOptions, logger: DatabaseLogger): Promise<Engine> {
  const loaded = options.dump === undefined ? {} : { loadDataDir: options.dump };
  return createEngine(await startPGlite(loaded, "in memory"), logger, async () => undefined);
}

function assertLockFits(lock: DataDirLock, dataDir: string): void {
  if (lock.dir === resolve(dataDir)) return;
  throw new DatabaseError({
    code: "DATABASE_OPTIONS_INVALID",
    message: `The lock that was passed is for ${lock.dir}, not for ${dataDir}. Pass the lock of the same folder.`,
    details: { locked: lock.dir, dataDir },
  });
}

async function startPGlite(
  options: { dataDir?: string; loadDataDir?: Blob },
  where: string,
): Promise<PGlite> {
  try {
    // Loaded on demand: users of a server never pay for it.
    const { PGlite } = await import("@electric-sql/pglite");
    const pglite = await PGlite.create(options);
    pglite.parsers = { ...columnParsers };
    // Parameters come encoded; only bytes must not be turned into text.
    pglite.serializers = { 17: (bytes: Uint8Array) => bytes as unknown as string };
    await pglite.exec(sessionSettings);
    return pglite;
  } catch (error) {
    throw new DatabaseError({
      code: "DATABASE_OPEN_FAILED",
      message: `The embedded database ${where} did not start. Look at the cause; if its files are damaged, restore a backup.`,
      cause: error,
    });
  }
}

function createEngine(pglite: PGlite, logger: DatabaseLogger, release: () => Promise<void>): Engine {
  return {
    name: "pglite",
    dialect: new StrictPGliteDialect({ pglite: encodingClient(pglite) }),
    createListener(runOnSession) {
      const hub = new ChannelHub(runOnSession, logger);
      const stop = pglite.onNotification((channel, payload) => hub.dispatch(channel, payload));
      return {
        listen: (channel, handler, options) => hub.subscribe(channel, handler, options),
        close: async () => stop(),
      };
    },
    async close() {
      await pglite.close();
      await release();
    },
  };
}

type Client = Extract<PGliteDialectConfig["pglite"], { readonly closed: boolean }>;

/** PGlite as Kysely's dialect uses it, with parameters encoded by our table. */
function encodingClient(pglite: PGlite): Client {
  const encodedQuery =
    (on: Pick<PGlite, "query">): Client["query"] =>
    (text, parameters = [], options) =>
      on.query(text, encodeParameters(parameters), options);
  return {
    get closed() {
      return pglite.closed;
    },
    get ready() {
      return pglite.ready;
    },
    waitReady: pglite.waitReady,
    close: () => pglite.close(),
    query: encodedQuery(pglite),
    transaction: (work) =>
      pglite.transaction((trx) => work({ query: encodedQuery(trx), rollback: () => trx.rollback() })),
  };
}
