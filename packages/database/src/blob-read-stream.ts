import type { Kysely } from "kysely";
import type { BlobTables } from "./blob-tables.ts";
import { DatabaseError } from "./errors.ts";

/** Reads a blob one chunk at a time, each when the reader asks for it. */
export function blobReadStream(
  tables: Kysely<BlobTables>,
  blob: { readonly id: string; readonly size: number },
): ReadableStream<Uint8Array> {
  let position = 0;
  let remaining = blob.size;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (remaining > 0) {
          const data = await readChunk(tables, blob.id, position);
          position += 1;
          remaining -= data.byteLength;
          controller.enqueue(data);
        }
        if (remaining <= 0) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

async function readChunk(tables: Kysely<BlobTables>, id: string, position: number): Promise<Uint8Array> {
  const row = await tables
    .selectFrom("blob_chunk")
    .select("data")
    .where("blob_id", "=", id)
    .where("position", "=", position)
    .executeTakeFirst();
  if (row !== undefined) return row.data;
  throw new DatabaseError({
    code: "BLOB_INTERRUPTED",
    message: `Blob ${id} was deleted while it was read. Treat what was read so far as incomplete.`,
    details: { id },
  });
}
