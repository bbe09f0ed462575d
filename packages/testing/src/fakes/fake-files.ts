import type { FilePort, FileRef } from "@core/registry";

export interface FakeFiles extends FilePort {
  /** What was put, by blob id. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** A store of files in memory, whose links lead nowhere. */
export function createFakeFiles(): FakeFiles {
  const contents = new Map<string, Uint8Array>();
  return {
    contents,
    async open({ blob_id }) {
      const content = contents.get(blob_id);
      return content === undefined ? null : ReadableStream.from([content]);
    },
    link: ({ blob_id }) => ({ url: `https://files.test/${blob_id}`, expires_at: "2026-01-08T00:00:00.000Z" }),
    async put(stream, meta): Promise<FileRef> {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      const content = new Uint8Array(Buffer.concat(chunks));
      const blob_id = `file-${contents.size + 1}`;
      contents.set(blob_id, content);
      return { blob_id, ...meta, size: content.length };
    },
  };
}
