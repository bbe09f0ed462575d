/** Keeps the beginning of a body and nothing beyond its cap. */
export class CappedBody {
  readonly #maxBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #truncated = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether something did not fit. */
  get truncated(): boolean {
    return this.#truncated;
  }

  /** False when the chunk did not fit whole. */
  add(chunk: Uint8Array): boolean {
    const kept = chunk.subarray(0, this.#maxBytes - this.#size);
    this.#chunks.push(kept);
    this.#size += kept.length;
    this.#truncated = kept.length < chunk.length;
    return !this.#truncated;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }
}
