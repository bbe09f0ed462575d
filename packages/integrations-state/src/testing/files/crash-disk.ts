import { basename, dirname } from "node:path";
import type { FileSystem, OpenFile } from "../../file/file-system.ts";
import { crashImages } from "./crash-images.ts";
import { systemError } from "./intercepted-file-system.ts";
import {
  fileAt,
  folderAt,
  isFolder,
  newFile,
  newFolder,
  nodeAt,
  setEntry,
  syncNode,
  syncTree,
} from "./memory-tree.ts";
import type { MemoryFolder, MemoryNode } from "./memory-tree.ts";

/**
 * A disk in memory that loses at a crash what was not synced: of the entries of a folder any that changed since its
 * last sync, whatever their order, and of a file any bytes that were written since its own.
 */
export interface CrashDisk {
  readonly fileSystem: FileSystem;
  /** All files and what stands in them. */
  files(): Readonly<Record<string, string>>;
  /** Every disk that a crash could leave right now. */
  afterCrash(): readonly CrashDisk[];
}

/** Begins with these files and their folders, all synced. */
export function createCrashDisk(files: Readonly<Record<string, string>> = {}): CrashDisk {
  const root = newFolder();
  for (const [path, text] of Object.entries(files)) {
    const folder = makeFolders(root, dirname(path));
    setEntry(folder, basename(path), newFile(text, text));
  }
  syncTree(root);
  return diskOf(root);
}

function diskOf(root: MemoryFolder): CrashDisk {
  return {
    fileSystem: fileSystemOf(root),
    files: () => Object.fromEntries(filesOf(root, "")),
    afterCrash: () => crashImages(root).map(diskOf),
  };
}

function fileSystemOf(root: MemoryFolder): FileSystem {
  return {
    isWindows: false,
    open: async (path, flags) => openNode(flags === "r" ? nodeAt(root, path) : makeFile(root, path)),
    async rename(from, to) {
      const node = nodeAt(root, from);
      setEntry(folderAt(root, dirname(to)), basename(to), node);
      setEntry(folderAt(root, dirname(from)), basename(from), null);
    },
    async link(existing, path) {
      const node = nodeAt(root, existing);
      const folder = folderAt(root, dirname(path));
      if (folder.entries.has(basename(path))) throw systemError("EEXIST");
      setEntry(folder, basename(path), node);
    },
    async unlink(path) {
      fileAt(root, path);
      setEntry(folderAt(root, dirname(path)), basename(path), null);
    },
    async chmod(path) {
      nodeAt(root, path);
    },
    async realpath(path) {
      nodeAt(root, path);
      return path;
    },
    async readlink(path) {
      nodeAt(root, path);
      throw systemError("EINVAL");
    },
    readdir: async (path) => [...folderAt(root, path).entries.keys()],
    async mkdir(path) {
      const missing = firstMissing(root, path);
      makeFolders(root, path);
      return missing;
    },
  };
}

function makeFile(root: MemoryFolder, path: string): MemoryNode {
  const folder = folderAt(root, dirname(path));
  if (folder.entries.has(basename(path))) throw systemError("EEXIST");
  const file = newFile();
  setEntry(folder, basename(path), file);
  return file;
}

function openNode(node: MemoryNode): OpenFile {
  return {
    async readFile() {
      if (isFolder(node)) throw systemError("EISDIR");
      return Buffer.from(node.bytes);
    },
    async write(bytes, offset) {
      if (isFolder(node)) throw systemError("EISDIR");
      node.bytes = Buffer.concat([node.bytes, bytes.subarray(offset)]);
      return { bytesWritten: bytes.length - offset };
    },
    sync: async () => syncNode(node),
    close: async () => undefined,
  };
}

function makeFolders(root: MemoryFolder, path: string): MemoryFolder {
  if (path === "/") return root;
  const parent = makeFolders(root, dirname(path));
  if (!parent.entries.has(basename(path))) setEntry(parent, basename(path), newFolder());
  return folderAt(root, path);
}

function firstMissing(root: MemoryFolder, path: string): string | undefined {
  if (path === "/") return undefined;
  const above = firstMissing(root, dirname(path));
  if (above !== undefined) return above;
  return folderAt(root, dirname(path)).entries.has(basename(path)) ? undefined : path;
}

function filesOf(folder: MemoryFolder, path: string): [string, string][] {
  return [...folder.entries].flatMap(([name, node]) =>
    isFolder(node)
      ? filesOf(node, `${path}/${name}`)
      : [[`${path}/${name}`, node.bytes.toString()] satisfies [string, string]],
  );
}
