import type { ColumnType, Generated, Kysely, Selectable } from "kysely";

/** The tables of the blob store, as Kysely sees them. */
export interface BlobTables {
  blob: BlobTable;
  blob_chunk: BlobChunkTable;
}

export type BlobRow = Selectable<BlobTable>;

/** A handle whose queries go to the blob tables of one schema. */
export function blobQueries(kysely: Kysely<unknown>, schema: string): Kysely<BlobTables> {
  return kysely.withSchema(schema).$extendTables<{ blob: BlobTable; blob_chunk: BlobChunkTable }>();
}

interface BlobTable {
  readonly id: string;
  readonly name: string | null;
  readonly content_type: string | null;
  readonly size: number | null;
  readonly sha256: string | null;
  readonly created_at: Generated<Date>;
  /** Null while the blob is being written. */
  readonly completed_at: ColumnType<Date | null, Date | null | undefined, Date>;
}

interface BlobChunkTable {
  readonly blob_id: string;
  /** From 0, without gaps. */
  readonly position: number;
  readonly data: Uint8Array;
}
