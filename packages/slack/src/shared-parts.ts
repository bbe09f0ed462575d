import type { SentPart } from "@core/registry";
import type { SharingNote } from "./upload-journal.ts";

/** The parts that a message of Slack's is, if it shows one of the files that were about to be shared. */
export function sharedParts(message: unknown, sharing: SharingNote | null): SentPart[] {
  const shown = new Set(fileIds(message));
  if (sharing === null || !sharing.parts.some(({ fileId }) => fileId !== null && shown.has(fileId)))
    return [];
  return sharing.parts.map(({ index, fileId }) => ({
    index,
    ...(fileId !== null && { external_id: fileId }),
    of: sharing.of,
  }));
}

function fileIds(message: unknown): unknown[] {
  const files = fieldOf(message, "files");
  return Array.isArray(files) ? files.map((file) => fieldOf(file, "id")) : [];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
