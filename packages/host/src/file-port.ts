import type { BlobStore } from "@core/database";
import type { FileLink, FilePort, FileRef } from "@core/registry";
import { safeFileName } from "./file-name.ts";

export interface FilePortOptions {
  /** Where people can fetch a file. Default: nowhere. */
  readonly link?: (file: FileRef) => FileLink | null;
}

/** Files in the blob store, under names that are safe to show. */
export function createFilePort(blobs: BlobStore, options: FilePortOptions = {}): FilePort {
  const { link = () => null } = options;
  return {
    link,
    async open(ref) {
      const blob = await blobs.open(ref.blob_id);
      return blob?.stream ?? null;
    },
    async put(stream, meta) {
      const name = safeFileName(meta.name);
      const contentType = knownContentType(meta.content_type);
      const { id, size } = await blobs.put(stream, { name, contentType });
      return { blob_id: id, name, content_type: contentType, size };
    },
  };
}

/** What could not stand in a header is bytes of no known type. */
function knownContentType(contentType: string): string {
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?: *;[\x20-\x7E]*)?$/.test(contentType)
    ? contentType
    : "application/octet-stream";
}
