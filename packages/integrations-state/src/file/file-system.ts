import { chmod, link, mkdir, open, readdir, readlink, realpath, rename, unlink } from "node:fs/promises";

/** What the state file needs of a file system. Paths are absolute; errors carry the `code` of the system. */
export interface FileSystem {
  /** Whether a rename may be refused while somebody reads the file, and folders cannot be synced. */
  readonly isWindows: boolean;
  /** `r` reads; `wx` makes a file where nothing may be yet, not even a link. */
  open(path: string, flags: "r" | "wx", mode?: number): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  link(existing: string, path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  realpath(path: string): Promise<string>;
  readlink(path: string): Promise<string>;
  readdir(path: string): Promise<readonly string[]>;
  /** Makes all folders that are missing; answers the first of them. */
  mkdir(
    path: string,
    options: { readonly recursive: true; readonly mode: number },
  ): Promise<string | undefined>;
}

/** A file or a folder that was opened. */
export interface OpenFile {
  readFile(): Promise<Buffer>;
  /** Writes from this offset of the bytes on, and may write only some of them. */
  write(bytes: Uint8Array, offset: number): Promise<{ readonly bytesWritten: number }>;
  /** Resolves once what was written, or the entries of the folder, would survive a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file systems of this machine. */
export const nodeFileSystem: FileSystem = {
  isWindows: process.platform === "win32",
  open,
  rename,
  link,
  unlink,
  chmod,
  realpath,
  readlink,
  readdir,
  mkdir,
};
