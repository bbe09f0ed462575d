import { isFolder, newFile, newFolder } from "./memory-tree.ts";
import type { EntryChange, MemoryFile, MemoryFolder, MemoryNode } from "./memory-tree.ts";

/** Every tree that may be found after a crash; each is new, and all synced. */
export function crashImages(root: MemoryFolder): readonly MemoryFolder[] {
  return unique(folderImages(root));
}

function folderImages(folder: MemoryFolder): MemoryFolder[] {
  return unique(
    subsets(folder.changes).flatMap((survivors) => {
      const entries = new Map(folder.synced);
      for (const { name, node } of survivors) {
        if (node === null) entries.delete(name);
        else entries.set(name, node);
      }
      return combinations([...entries]).map((found) => newFolder(new Map(found)));
    }),
  );
}

/** In each of them any of the changes may be missing. */
function subsets(changes: readonly EntryChange[]): EntryChange[][] {
  return changes.reduce<EntryChange[][]>(
    (found, change) => [...found, ...found.map((before) => [...before, change])],
    [[]],
  );
}

/** Each image of one entry beside each image of the others. */
function combinations(entries: readonly [string, MemoryNode][]): [string, MemoryNode][][] {
  return entries.reduce<[string, MemoryNode][][]>(
    (found, [name, node]) =>
      nodeImages(node).flatMap((image) =>
        found.map((before): [string, MemoryNode][] => [...before, [name, image]]),
      ),
    [[]],
  );
}

function nodeImages(node: MemoryNode): MemoryNode[] {
  return isFolder(node) ? folderImages(node) : fileImages(node);
}

/** What was written and not synced may be there, be cut off, or be zeros. */
function fileImages({ bytes, synced }: MemoryFile): MemoryFile[] {
  if (bytes.equals(synced)) return [newFile(bytes, bytes)];
  const found = [synced, bytes.subarray(0, bytes.length / 2), bytes, Buffer.alloc(bytes.length)];
  return found.map((image) => newFile(image, image));
}

function unique(folders: readonly MemoryFolder[]): MemoryFolder[] {
  return [...new Map(folders.map((folder) => [contentOf(folder), folder])).values()];
}

function contentOf(node: MemoryNode): string {
  if (!isFolder(node)) return JSON.stringify(node.bytes.toString("latin1"));
  const entries = [...node.entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, one]) => `${JSON.stringify(name)}:${contentOf(one)}`).join()}}`;
}
