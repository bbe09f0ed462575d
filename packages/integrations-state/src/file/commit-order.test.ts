import { basename, dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { note } from "../testing/contract/scene.ts";
import { createCrashDisk } from "../testing/files/crash-disk.ts";
import { CHANGES, interceptFileSystem, systemError } from "../testing/files/intercepted-file-system.ts";
import { createMemoryMutex } from "../testing/files/memory-mutex.ts";
import { makeScratchFolder } from "../testing/files/scratch-folder.ts";
import type { FileSystem } from "./file-system.ts";
import { nodeFileSystem } from "./file-system.ts";
import { createStateFile } from "./state-file.ts";

const PATH = "/data/state/integrations.json";

/** The calls of one update, in their order; some may be refused. */
async function callsOf(
  fileSystem: FileSystem,
  path: string,
  options: { readonly updatesBefore?: number; readonly refused?: string } = {},
): Promise<string[]> {
  const { updatesBefore = 0, refused } = options;
  const calls: string[] = [];
  const intercepted = interceptFileSystem(fileSystem, async (call, proceed) => {
    const names = [call.path, ...(call.to === undefined ? [] : [call.to])];
    calls.push([call.operation, ...names.map((one) => shortName(one, path))].join(" "));
    if (call.operation === refused) throw systemError("EPERM");
    return proceed();
  });
  const store = createStateFile({ path, fileSystem: intercepted, mutex: createMemoryMutex() });
  for (let n = 0; n <= updatesBefore; n += 1) {
    calls.length = 0;
    await store.update((state) => note(state, `note ${n}`));
  }
  await store.close();
  return calls;
}

async function changesOf(...args: Parameters<typeof callsOf>): Promise<string[]> {
  const calls = await callsOf(...args);
  return calls.filter(
    (call) => CHANGES.has(call.slice(0, call.lastIndexOf(" "))) || /^(?:link|rename)/.test(call),
  );
}

function shortName(path: string, state: string): string {
  if (path === state) return "STATE";
  if (path === dirname(state)) return "FOLDER";
  if (path === dirname(dirname(state))) return "PARENT";
  if (path === "/") return "ROOT";
  return basename(path)
    .replace(basename(state), "state")
    .replace(/\.[0-9a-f]{32}\./, ".RANDOM.")
    .replace(/corrupt-\w+-\w+/, "corrupt-TIME");
}

describe("all calls of an update", () => {
  const load = ["realpath STATE", "open r STATE", "read STATE", "close STATE"];
  const write = ["open wx", "write", "sync", "close"].map((operation) => `${operation} state.RANDOM.tmp`);
  const keep = ["unlink state.bak", "link STATE state.bak", "chmod state.bak"];
  const replace = ["rename state.RANDOM.tmp STATE", "open r FOLDER", "sync FOLDER", "close FOLDER"];
  const expected = [...load, ...write, ...keep, ...replace];

  it("stand in this order on the disks of this machine", async () => {
    using folder = makeScratchFolder();
    const path = folder.at("integrations.json");
    expect(await callsOf(nodeFileSystem, path, { updatesBefore: 1 })).toEqual(expected);
  });

  it("stand in the same order on a disk in memory", async () => {
    expect(await callsOf(createCrashDisk().fileSystem, PATH, { updatesBefore: 1 })).toEqual(expected);
  });

  it("are as many for a thousand updates at once", async () => {
    let syncs = 0;
    const fileSystem = interceptFileSystem(createCrashDisk().fileSystem, async (call, proceed) => {
      if (call.operation === "sync" && call.path.endsWith(".tmp")) syncs += 1;
      return proceed();
    });
    const store = createStateFile({ path: PATH, fileSystem, mutex: createMemoryMutex() });
    const update = (): Promise<unknown> => store.update((state) => void state.notifications.pop());
    await Promise.all(Array.from({ length: 1_000 }, update));
    expect(syncs).toBe(1);
  });
});

describe("what an update changes on the disk is safe before it counts", () => {
  const write = ["open wx state.RANDOM.tmp", "write state.RANDOM.tmp", "sync state.RANDOM.tmp"];
  const replace = ["rename state.RANDOM.tmp STATE", "sync FOLDER"];
  const copy = (name: string): string[] => [
    `open wx ${name}.RANDOM.tmp`,
    `write ${name}.RANDOM.tmp`,
    `sync ${name}.RANDOM.tmp`,
    `rename ${name}.RANDOM.tmp ${name}`,
  ];
  const keepAs = (name: string): string[] => [`link STATE ${name}`, `chmod ${name}`];

  it("when even its folders are new", async () => {
    const { fileSystem } = createCrashDisk();
    const folders = ["mkdir FOLDER", "sync PARENT", "sync ROOT"];
    expect(await changesOf(fileSystem, PATH)).toEqual([...folders, ...write, ...replace]);
  });

  it("when nothing was there before", async () => {
    const { fileSystem } = createCrashDisk({ "/data/state/other": "" });
    expect(await changesOf(fileSystem, PATH)).toEqual([...write, ...replace]);
  });

  it("when it follows on another state, which stays as the last good copy", async () => {
    const { fileSystem } = createCrashDisk({ [PATH]: "{}" });
    const expected = [...write, "unlink state.bak", ...keepAs("state.bak"), ...replace];
    expect(await changesOf(fileSystem, PATH)).toEqual(expected);
  });

  it("when the file system has no hard links", async () => {
    const { fileSystem } = createCrashDisk({ [PATH]: "{}" });
    const expected = [...write, "unlink state.bak", "link STATE state.bak", ...copy("state.bak"), ...replace];
    expect(await changesOf(fileSystem, PATH, { refused: "link" })).toEqual(expected);
  });

  it("when the state was damaged, which stays under a name that is safe before it loses its own", async () => {
    const { fileSystem } = createCrashDisk({ [PATH]: "{", [`${PATH}.bak`]: "{}" });
    const expected = [...write, ...keepAs("state.corrupt-TIME"), "sync FOLDER", ...replace];
    expect(await changesOf(fileSystem, PATH)).toEqual(expected);
  });

  it("when the state was damaged and the file system has no hard links", async () => {
    const { fileSystem } = createCrashDisk({ [PATH]: "{", [`${PATH}.bak`]: "{}" });
    const kept = ["link STATE state.corrupt-TIME", ...copy("state.corrupt-TIME"), "sync FOLDER"];
    expect(await changesOf(fileSystem, PATH, { refused: "link" })).toEqual([...write, ...kept, ...replace]);
  });

  it("when only the last good copy was there, which stays as it is", async () => {
    const { fileSystem } = createCrashDisk({ [`${PATH}.bak`]: "{}" });
    expect(await changesOf(fileSystem, PATH)).toEqual([...write, ...replace]);
  });
});
