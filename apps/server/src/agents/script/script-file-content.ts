import { Buffer } from "node:buffer";
import type { FileStep } from "./script.ts";

const CHUNK_BYTES = 65_536;

/** The bytes of a file step, made while they are read; an abort ends them with its reason. */
export async function* scriptFileContent(
  { text, base64, bytes = 0 }: FileStep["file"],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (text !== undefined) return yield Buffer.from(text);
  if (base64 !== undefined) return yield Buffer.from(base64, "base64");
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
    signal.throwIfAborted();
    yield new Uint8Array(Math.min(left, CHUNK_BYTES)).fill(46);
  }
}
