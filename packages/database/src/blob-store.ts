import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { BlobInfo, BlobMeta, BlobSource } from "./blob.ts";
import { blobReadStream } from "./blob-read-stream.ts";
import { blobQueries, type BlobRow, type BlobTables } from "./blob-tables.ts";
import { writeBlob } from "./blob-writer.ts";
import type { Database } from "./database.ts";

/** Files in the database, written and read chunk by chunk. */
export interface BlobStore {
  /**
   * Stores a stream. Until it is stored as a whole nobody sees it, and a failed one leaves nothing behind.
   * @throws {DatabaseError} BLOB_TOO_LARGE, or BLOB_INTERRUPTED when it was swept meanwhile.
   */
  put(source: BlobSource, meta?: BlobMeta): Promise<BlobInfo>;
  /** A blob and its bytes; null when there is none. The stream fails with BLOB_INTERRUPTED if it is deleted meanwhile. */
  open(id: string): Promise<{ readonly info: BlobInfo; readonly stream: ReadableStream<Uint8Array> } | null>;
  /** What is known of a blob; null when there is none. */
  stat(id: string): Promise<BlobInfo | null>;
  /** Whether there was one. */
  delete(id: string): Promise<boolean>;
  /** Deletes what a crash left unfinished. Choose a time longer than the slowest upload. Answers how many. */
  sweepIncomplete(olderThanMs: number): Promise<number>;
}

export interface BlobStoreOptions {
  /** Largest blob. Default 256 MiB. */
  readonly maxBytes?: number;
  /** Bytes per row, and held in memory per stream. Default 256 KiB. */
  readonly chunkBytes?: number;
  /** Where the tables are. Default `core`, made by `databaseMigrations`. */
  readonly schema?: string;
}

/**
 * Makes a blob store over the tables of `databaseMigrations`. Its calls are statements of their own, so that a
 * slow upload holds no transaction open: never call them inside one.
 */
export function createBlobStore(database: Database, options: BlobStoreOptions = {}): BlobStore {
  const tables = blobQueries(database.kysely, options.schema ?? "core");
  const limits = {
    maxBytes: options.maxBytes ?? 256 * 1024 * 1024,
    chunkBytes: options.chunkBytes ?? 256 * 1024,
  };
  return {
    put: (source, meta = {}) => writeBlob(tables, { id: randomUUID(), source, meta, ...limits }),
    async open(id) {
      const info = await findBlob(tables, id);
      return info === null ? null : { info, stream: blobReadStream(tables, info) };
    },
    stat: (id) => findBlob(tables, id),
    delete: (id) => deleteBlob(tables, id),
    sweepIncomplete: (olderThanMs) => sweepIncomplete(tables, olderThanMs),
  };
}

async function findBlob(tables: Kysely<BlobTables>, id: string): Promise<BlobInfo | null> {
  if (!isUuid(id)) return null;
  const row = await tables
    .selectFrom("blob")
    .selectAll()
    .where("id", "=", id)
    .where("completed_at", "is not", null)
    .executeTakeFirst();
  return row === undefined ? null : toInfo(row);
}

async function deleteBlob(tables: Kysely<BlobTables>, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  const { numDeletedRows } = await tables
    .deleteFrom("blob")
    .where("id", "=", id)
    .where("completed_at", "is not", null)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

async function sweepIncomplete(tables: Kysely<BlobTables>, olderThanMs: number): Promise<number> {
  const { numDeletedRows } = await tables
    .deleteFrom("blob")
    .where("completed_at", "is", null)
    .where("created_at", "<", new Date(Date.now() - olderThanMs))
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** Anything else cannot be the id of a blob, and Postgres would refuse the query. */
function isUuid(id: string): boolean {
  return /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(id);
}

function toInfo(row: BlobRow): BlobInfo {
  return {
    id: row.id,
    name: row.name,
    contentType: row.content_type,
    size: row.size ?? 0,
    sha256: row.sha256 ?? "",
    createdAt: row.created_at,
  };
}
