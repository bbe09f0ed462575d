import { createManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import { note, notesOf } from "../testing/contract/scene.ts";
import type { CrashDisk } from "../testing/files/crash-disk.ts";
import { createCrashDisk } from "../testing/files/crash-disk.ts";
import type { FileCall } from "../testing/files/intercepted-file-system.ts";
import { interceptFileSystem, systemError } from "../testing/files/intercepted-file-system.ts";
import { createMemoryMutex } from "../testing/files/memory-mutex.ts";
import type { FileSystem } from "./file-system.ts";
import type { StateFileOptions } from "./state-file-options.ts";
import { createStateFile } from "./state-file.ts";

const PATH = "/data/state/integrations.json";

const open = (fileSystem: FileSystem, options: StateFileOptions = {}) =>
  createStateFile({ path: PATH, fileSystem, mutex: createMemoryMutex(), ...options });

/** A disk with a state in which there is one note. */
async function diskWithState(): Promise<CrashDisk> {
  const disk = createCrashDisk();
  await open(disk.fileSystem).update((state) => note(state, "old"));
  return disk;
}

/** Refuses the first call that fits. */
function refuse(disk: CrashDisk, code: string, fits: (call: FileCall) => boolean): FileSystem {
  let isOver = false;
  return interceptFileSystem(disk.fileSystem, async (call, proceed) => {
    if (isOver || !fits(call)) return proceed();
    isOver = true;
    throw systemError(code);
  });
}

const isTemporary = ({ path }: FileCall): boolean => path.endsWith(".tmp");

describe("an update that the disk refuses rejects, changes nothing and leaves nothing behind", () => {
  it.each<[string, string, (call: FileCall) => boolean, RegExp]>([
    [
      "a full disk, seen at the write",
      "ENOSPC",
      (call) => call.operation === "write",
      /Make room on the disk/,
    ],
    ["a full disk, seen at the sync", "ENOSPC", (call) => call.operation === "sync", /Make room on the disk/],
    ["a full quota", "EDQUOT", (call) => call.operation === "write", /within the quota/],
    ["a folder without the right to write", "EACCES", (call) => call.operation === "open wx", /the right to/],
    ["a read-only file system", "EROFS", (call) => call.operation === "open wx", /can be written/],
    ["no more open files", "EMFILE", (call) => call.operation === "open wx", /limit of open files/],
    ["a failing disk", "EIO", (call) => call.operation === "sync", /The disk fails/],
    [
      "a close that fails",
      "EIO",
      (call) => call.operation === "close" && isTemporary(call),
      /The disk fails/,
    ],
    ["a state that is mounted by itself", "EBUSY", (call) => call.operation === "rename", /Mount the folder/],
    ["a fault without a name", "", (call) => call.operation === "rename", /See the cause/],
  ])("%s", async (_, code, fits, advice) => {
    const disk = await diskWithState();
    const store = open(refuse(disk, code, fits));
    const before = disk.files()[PATH];
    await expect(store.update((state) => note(state, "new"))).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
      message: expect.stringMatching(new RegExp(`${PATH} was not changed: .*${advice.source}`)),
      retryable: ["ENOSPC", "EDQUOT", "EMFILE", "EBUSY"].includes(code),
      details: { path: PATH, system_code: code || null, may_be_stored: false },
      cause: { code },
    });
    expect(disk.files()[PATH]).toBe(before);
    expect(Object.keys(disk.files()).filter((path) => path.endsWith(".tmp"))).toEqual([]);

    await store.update((state) => note(state, "newer"));
    expect(notesOf(await open(disk.fileSystem).read())).toEqual(["old", "newer"]);
  });

  it("a folder that cannot be made", async () => {
    const disk = createCrashDisk();
    const store = open(refuse(disk, "EACCES", (call) => call.operation === "mkdir"));
    await expect(store.update((state) => note(state, "new"))).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
    });
  });

  it("a lock that cannot be made", async () => {
    const fault = Object.assign(new Error("unable to open database file"), { code: "ERR_SQLITE_ERROR" });
    const mutex = { tryAcquire: () => Promise.reject(fault) };
    const store = open(createCrashDisk().fileSystem, { mutex });
    await expect(store.update((state) => note(state, "new"))).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
      message: expect.stringMatching(/unable to open database file.*\.lock\.db/),
      cause: fault,
    });
  });
});

describe("a write", () => {
  it("goes on where the system took only some of the bytes", async () => {
    const disk = await diskWithState();
    const short: FileSystem = {
      ...disk.fileSystem,
      async open(path, flags, mode) {
        const file = await disk.fileSystem.open(path, flags, mode);
        return { ...file, write: (bytes, offset) => file.write(bytes.subarray(0, offset + 100), offset) };
      },
    };
    await open(short).update((state) => note(state, "new"));
    expect(notesOf(await open(disk.fileSystem).read())).toEqual(["old", "new"]);
  });

  it("fails where the system takes no bytes and gives no error", async () => {
    const disk = await diskWithState();
    const stuck: FileSystem = {
      ...disk.fileSystem,
      async open(path, flags, mode) {
        const file = await disk.fileSystem.open(path, flags, mode);
        return { ...file, write: async () => ({ bytesWritten: 0 }) };
      },
    };
    const refused = open(stuck).update((state) => note(state, "new"));
    await expect(refused).rejects.toMatchObject({ code: "STATE_WRITE_FAILED" });
  });

  it("that was done but could not be made safe rejects and says that it stands", async () => {
    const disk = await diskWithState();
    let renames = 0;
    const store = open(
      refuse(disk, "EIO", ({ operation }) => {
        if (operation === "rename") renames += 1;
        return operation === "sync" && renames === 1;
      }),
    );
    await expect(store.update((state) => note(state, "new"))).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
      message: expect.stringContaining("was changed, but may not survive a loss of power"),
      details: { may_be_stored: true },
    });
    expect(notesOf(await store.read())).toEqual(["old", "new"]);
  });

  it.each(["EINVAL", "ENOTSUP"])("does without synced folders where there are none (%s)", async (code) => {
    const disk = await diskWithState();
    const fileSystem = interceptFileSystem(disk.fileSystem, async (call, proceed) => {
      if (call.operation === "sync" && !isTemporary(call)) throw systemError(code);
      return proceed();
    });
    await open(fileSystem).update((state) => note(state, "new"));
    expect(notesOf(await open(disk.fileSystem).read())).toEqual(["old", "new"]);
  });

  it("takes another name when something stands at the one it has drawn", async () => {
    const disk = await diskWithState();
    const fileSystem = refuse(disk, "EEXIST", (call) => call.operation === "open wx");
    await open(fileSystem).update((state) => note(state, "new"));
    expect(notesOf(await open(disk.fileSystem).read())).toEqual(["old", "new"]);
  });
});

describe("on Windows", () => {
  const windows = (
    disk: CrashDisk,
    refusals: number,
    code: string,
  ): { fileSystem: FileSystem; tries: () => number } => {
    let tries = 0;
    const inner = { ...disk.fileSystem, isWindows: true };
    const fileSystem = interceptFileSystem(inner, async (call, proceed) => {
      if (call.path.endsWith("state") && call.operation === "open r") throw systemError("EISDIR");
      if (call.operation !== "rename") return proceed();
      tries += 1;
      if (tries <= refusals) throw systemError(code);
      return proceed();
    });
    return { fileSystem, tries: () => tries };
  };

  it.each(["EPERM", "EBUSY", "EACCES"])(
    "a rename that is refused for a while is tried again (%s)",
    async (code) => {
      const disk = await diskWithState();
      const clock = createManualClock();
      const { fileSystem, tries } = windows(disk, 4, code);
      const update = open(fileSystem, { clock }).update((state) => note(state, "new"));
      await clock.elapse(10 + 20 + 40 + 80);
      await update;
      expect(tries()).toBe(5);
      expect(notesOf(await open(disk.fileSystem).read())).toEqual(["old", "new"]);
    },
  );

  it("a rename that is refused for good rejects, and nothing is ever copied over the state", async () => {
    const disk = await diskWithState();
    const before = disk.files()[PATH];
    const clock = createManualClock();
    const { fileSystem, tries } = windows(disk, Infinity, "EPERM");
    const update = open(fileSystem, { clock, lockTimeoutMs: 60_000 }).update((state) => note(state, "new"));
    const outcome = update.catch((error: unknown) => error);
    await clock.elapse(5_000);
    expect(await outcome).toMatchObject({ code: "STATE_WRITE_FAILED" });
    expect(tries()).toBe(10);
    expect(disk.files()[PATH]).toBe(before);
    expect(Object.keys(disk.files()).filter((path) => path.endsWith(".tmp"))).toEqual([]);
  });

  it("is no reason to wait elsewhere", async () => {
    const disk = await diskWithState();
    const store = open(
      refuse(disk, "EPERM", (call) => call.operation === "rename"),
      { clock: createManualClock() },
    );
    await expect(store.update((state) => note(state, "new"))).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
    });
  });
});

describe("a read that the disk refuses", () => {
  it.each([
    ["EACCES", "open r"],
    ["EMFILE", "open r"],
    ["EIO", "read"],
    ["ELOOP", "realpath"],
  ])("rejects with its reason (%s)", async (code, operation) => {
    const disk = await diskWithState();
    const store = open(refuse(disk, code, (call) => call.operation === operation));
    await expect(store.read()).rejects.toMatchObject({
      code: "STATE_UNREADABLE",
      details: { path: PATH, system_code: code },
    });
    expect(notesOf(await store.read())).toEqual(["old"]);
  });

  it("keeps an update from writing over what it could not read", async () => {
    const disk = await diskWithState();
    const before = disk.files();
    const store = open(refuse(disk, "EIO", (call) => call.operation === "read"));
    const update = store.update((state) => note(state, "new"));
    await expect(update).rejects.toMatchObject({ code: "STATE_UNREADABLE" });
    expect(disk.files()).toEqual(before);
  });
});
