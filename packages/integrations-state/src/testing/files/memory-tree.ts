import { dirname, basename } from "node:path";
import { systemError } from "./intercepted-file-system.ts";

/** A file and what of it would survive a loss of power. */
export interface MemoryFile {
  bytes: Buffer;
  synced: Buffer;
}

export interface MemoryFolder {
  readonly entries: Map<string, MemoryNode>;
  synced: ReadonlyMap<string, MemoryNode>;
  /** What became of entries since the last sync, in order; null: removed. */
  changes: EntryChange[];
}

export interface EntryChange {
  readonly name: string;
  readonly node: MemoryNode | null;
}

export type MemoryNode = MemoryFile | MemoryFolder;

export function newFile(text: string | Buffer = "", synced: string | Buffer = ""): MemoryFile {
  return { bytes: Buffer.from(text), synced: Buffer.from(synced) };
}

export function newFolder(entries: ReadonlyMap<string, MemoryNode> = new Map()): MemoryFolder {
  return { entries: new Map(entries), synced: new Map(entries), changes: [] };
}

export function isFolder(node: MemoryNode): node is MemoryFolder {
  return "entries" in node;
}

/** Gives a name to a node, or takes it away. Not synced. */
export function setEntry(folder: MemoryFolder, name: string, node: MemoryNode | null): void {
  if (node === null) folder.entries.delete(name);
  else folder.entries.set(name, node);
  folder.changes.push({ name, node });
}

export function syncNode(node: MemoryNode): void {
  if (!isFolder(node)) {
    node.synced = node.bytes;
    return;
  }
  node.synced = new Map(node.entries);
  node.changes = [];
}

export function syncTree(node: MemoryNode): void {
  if (isFolder(node)) for (const child of node.entries.values()) syncTree(child);
  syncNode(node);
}

/** @throws ENOENT */
export function nodeAt(root: MemoryFolder, path: string): MemoryNode {
  if (path === "/") return root;
  const node = folderAt(root, dirname(path)).entries.get(basename(path));
  if (node === undefined) throw systemError("ENOENT");
  return node;
}

/** @throws ENOENT, ENOTDIR */
export function folderAt(root: MemoryFolder, path: string): MemoryFolder {
  const node = nodeAt(root, path);
  if (!isFolder(node)) throw systemError("ENOTDIR");
  return node;
}

/** @throws ENOENT, EISDIR */
export function fileAt(root: MemoryFolder, path: string): MemoryFile {
  const node = nodeAt(root, path);
  if (isFolder(node)) throw systemError("EISDIR");
  return node;
}
