/** What is known of a stored blob. */
export interface BlobInfo {
  readonly id: string;
  readonly name: string | null;
  readonly contentType: string | null;
  /** In bytes. */
  readonly size: number;
  /** In lower-case hex. */
  readonly sha256: string;
  readonly createdAt: Date;
}

export interface BlobMeta {
  readonly name?: string;
  readonly contentType?: string;
}

/** Bytes to store: a web stream, a Node stream, or anything that yields them. */
export type BlobSource = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;
