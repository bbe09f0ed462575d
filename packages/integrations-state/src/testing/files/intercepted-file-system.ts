import type { FileSystem, OpenFile } from "../../file/file-system.ts";

/** One call into a file system, as a test wants to see it. */
export interface FileCall {
  readonly operation: string;
  readonly path: string;
  /** The second path, of calls that have two. */
  readonly to?: string;
}

/** Decides what becomes of a call: to let it proceed, to refuse it, to hold it up. */
export type Intercept = <Value>(call: FileCall, proceed: () => Promise<Value>) => Promise<Value>;

/** A file system whose calls all go through the hands of a test. */
export function interceptFileSystem(inner: FileSystem, intercept: Intercept): FileSystem {
  return {
    isWindows: inner.isWindows,
    async open(path, flags, mode) {
      const call = { operation: `open ${flags}`, path };
      const file = await intercept(call, () => inner.open(path, flags, mode));
      return interceptFile(file, path, intercept);
    },
    rename: (path, to) => intercept({ operation: "rename", path, to }, () => inner.rename(path, to)),
    link: (path, to) => intercept({ operation: "link", path, to }, () => inner.link(path, to)),
    unlink: (path) => intercept({ operation: "unlink", path }, () => inner.unlink(path)),
    chmod: (path, mode) => intercept({ operation: "chmod", path }, () => inner.chmod(path, mode)),
    realpath: (path) => intercept({ operation: "realpath", path }, () => inner.realpath(path)),
    readlink: (path) => intercept({ operation: "readlink", path }, () => inner.readlink(path)),
    readdir: (path) => intercept({ operation: "readdir", path }, () => inner.readdir(path)),
    mkdir: (path, options) => intercept({ operation: "mkdir", path }, () => inner.mkdir(path, options)),
  };
}

/** The calls that change something on the disk, as they come. */
export const CHANGES: ReadonlySet<string> = new Set([
  "open wx",
  "write",
  "sync",
  "rename",
  "link",
  "unlink",
  "chmod",
  "mkdir",
]);

/** An error as the system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}

function interceptFile(file: OpenFile, path: string, intercept: Intercept): OpenFile {
  return {
    readFile: () => intercept({ operation: "read", path }, () => file.readFile()),
    write: (bytes, offset) => intercept({ operation: "write", path }, () => file.write(bytes, offset)),
    sync: () => intercept({ operation: "sync", path }, () => file.sync()),
    close: () => intercept({ operation: "close", path }, () => file.close()),
  };
}
