import { createHash } from "node:crypto";
import { sql, type Kysely } from "kysely";
import type { BlobInfo, BlobMeta, BlobSource } from "./blob.ts";
import type { BlobTables } from "./blob-tables.ts";
import { byteChunks } from "./byte-chunks.ts";
import { DatabaseError } from "./errors.ts";

export interface BlobWrite {
  readonly id: string;
  readonly source: BlobSource;
  readonly meta: BlobMeta;
  readonly maxBytes: number;
  readonly chunkBytes: number;
}

/** Writes a blob: its row, its chunks, and last the mark that it is complete. Removes it again on failure. */
export async function writeBlob(tables: Kysely<BlobTables>, write: BlobWrite): Promise<BlobInfo> {
  const { id, meta } = write;
  const named = { name: meta.name ?? null, content_type: meta.contentType ?? null };
  await tables
    .insertInto("blob")
    .values({ id, ...named })
    .execute();
  try {
    const content = await writeChunks(tables, write);
    const createdAt = await complete(tables, id, content);
    return { id, name: named.name, contentType: named.content_type, ...content, createdAt };
  } catch (error) {
    // What cannot be removed now is invisible, and swept later.
    await removeBlob(tables, id).catch(() => undefined);
    throw isSweptMeanwhile(error) ? interrupted(id, error) : error;
  }
}

interface BlobContent {
  readonly size: number;
  readonly sha256: string;
}

async function writeChunks(tables: Kysely<BlobTables>, write: BlobWrite): Promise<BlobContent> {
  const hash = createHash("sha256");
  let size = 0;
  let position = 0;
  for await (const data of byteChunks(capped(write), write.chunkBytes)) {
    hash.update(data);
    size += data.byteLength;
    await tables.insertInto("blob_chunk").values({ blob_id: write.id, position, data }).execute();
    position += 1;
  }
  return { size, sha256: hash.digest("hex") };
}

async function* capped({ source, maxBytes }: BlobWrite): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const piece of source) {
    size += piece.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    yield piece;
  }
}

async function complete(tables: Kysely<BlobTables>, id: string, content: BlobContent): Promise<Date> {
  const row = await tables
    .updateTable("blob")
    .set({ ...content, completed_at: sql<Date>`now()` })
    .where("id", "=", id)
    .returning("created_at")
    .executeTakeFirst();
  if (row === undefined) throw interrupted(id);
  return row.created_at;
}

async function removeBlob(tables: Kysely<BlobTables>, id: string): Promise<void> {
  await tables.deleteFrom("blob").where("id", "=", id).execute();
}

/** A chunk without its blob: a violated foreign key. */
function isSweptMeanwhile(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23503";
}

function tooLarge(maxBytes: number): DatabaseError {
  return new DatabaseError({
    code: "BLOB_TOO_LARGE",
    message: `The blob is larger than ${maxBytes} bytes. Send a smaller one, or raise maxBytes of the blob store.`,
    details: { maxBytes },
  });
}

function interrupted(id: string, cause?: unknown): DatabaseError {
  return new DatabaseError({
    code: "BLOB_INTERRUPTED",
    message: `Blob ${id} was swept while it was written. Write it again, and sweep only what is older.`,
    retryable: true,
    details: { id },
    cause,
  });
}
