import { systemClock } from "@core/registry";
import { describe, expect, it } from "vitest";
import { emptyState } from "../state/empty-state.ts";
import { writeStateDocument } from "../state/state-document.ts";
import type { StateStore } from "../state/state-store.ts";
import { note, notesOf } from "../testing/contract/scene.ts";
import type { CrashDisk } from "../testing/files/crash-disk.ts";
import { createCrashDisk } from "../testing/files/crash-disk.ts";
import { CHANGES, interceptFileSystem, systemError } from "../testing/files/intercepted-file-system.ts";
import { createMemoryMutex } from "../testing/files/memory-mutex.ts";
import type { FileSystem } from "./file-system.ts";
import { createStateFile } from "./state-file.ts";

const PATH = "/data/state/integrations.json";
const NOTES = ["first", "second", "third"];

const openOn = (fileSystem: FileSystem): StateStore =>
  createStateFile({ path: PATH, fileSystem, mutex: createMemoryMutex(), clock: systemClock });

const documentWith = (...messages: string[]): string => {
  const state = emptyState(new Date(0));
  for (const message of messages) note(state, message);
  return writeStateDocument(state);
};

interface Moment {
  readonly disk: CrashDisk;
  /** What was acknowledged before it. */
  readonly acknowledged: readonly string[];
}

/** Adds the notes one after another, on a machine that stops after so many changes of its disk. */
async function runUntil(
  disk: CrashDisk,
  changes: number,
  fault?: Fault,
): Promise<Moment & { isOver: boolean }> {
  const stopped = Promise.withResolvers<void>();
  let left = changes;
  const fileSystem = interceptFileSystem(disk.fileSystem, async (call, proceed) => {
    if (fault !== undefined && call.operation === fault.operation) throw systemError(fault.code);
    if (!CHANGES.has(call.operation)) return proceed();
    if (left === 0) {
      stopped.resolve();
      return new Promise(() => undefined);
    }
    left -= 1;
    return proceed();
  });
  const store = openOn(fileSystem);
  const acknowledged: string[] = [];
  const addAll = async (): Promise<void> => {
    for (const message of NOTES) {
      await store.update((state) => note(state, message));
      acknowledged.push(message);
    }
  };
  const isOver = await Promise.race([addAll().then(() => true), stopped.promise.then(() => false)]);
  return { disk, acknowledged, isOver };
}

interface Fault {
  readonly operation: string;
  readonly code: string;
}

/** The machine stops at each of its changes in turn, and everything that may then be on the disk is looked at. */
async function forEachCrash(
  begin: () => CrashDisk,
  check: (after: CrashDisk, acknowledged: readonly string[]) => Promise<void>,
  fault?: Fault,
): Promise<number> {
  let crashes = 0;
  for (let changes = 0; ; changes += 1) {
    const { disk, acknowledged, isOver } = await runUntil(begin(), changes, fault);
    for (const after of disk.afterCrash()) {
      await check(after, acknowledged);
      crashes += 1;
    }
    if (isOver) return crashes;
  }
}

async function expectWhole(
  after: CrashDisk,
  acknowledged: readonly string[],
  before: readonly string[],
): Promise<void> {
  const whole = [...before, ...NOTES];
  const store = openOn(after.fileSystem);
  const found = notesOf(await store.read());
  expect(whole.slice(0, found.length)).toEqual(found);
  expect(found.length).toBeGreaterThanOrEqual(before.length + acknowledged.length);
  await store.update((state) => note(state, "afterwards"));
  expect(notesOf(await openOn(after.fileSystem).read())).toEqual([...found, "afterwards"]);
  expect(Object.keys(after.files()).filter((path) => path.endsWith(".tmp"))).toEqual([]);
}

describe("whenever the machine loses its power, there is the old state or the new one, and what was acknowledged", () => {
  it("where nothing was before", async () => {
    const crashes = await forEachCrash(createCrashDisk, (after, acknowledged) =>
      expectWhole(after, acknowledged, []),
    );
    expect(crashes).toBeGreaterThan(50);
  });

  it("where there is a state", async () => {
    const begin = (): CrashDisk => createCrashDisk({ [PATH]: documentWith("before") });
    const crashes = await forEachCrash(begin, (after, acknowledged) =>
      expectWhole(after, acknowledged, ["before"]),
    );
    expect(crashes).toBeGreaterThan(50);
  });

  it("on a file system without hard links", async () => {
    const begin = (): CrashDisk => createCrashDisk({ [PATH]: documentWith("before") });
    const check = (after: CrashDisk, acknowledged: readonly string[]): Promise<void> =>
      expectWhole(after, acknowledged, ["before"]);
    expect(await forEachCrash(begin, check, { operation: "link", code: "EPERM" })).toBeGreaterThan(50);
  });

  it.each([undefined, { operation: "link", code: "EPERM" }])(
    "where the state is damaged, which is kept as well (%j)",
    async (fault) => {
      const files = { [PATH]: '{"version": 1, "webhooks": [{', [`${PATH}.bak`]: documentWith("before") };
      const check = async (after: CrashDisk, acknowledged: readonly string[]): Promise<void> => {
        const kept = Object.values(after.files()).filter((text) => text === files[PATH]);
        expect(kept.length).toBeGreaterThan(0);
        await expectWhole(after, acknowledged, ["before"]);
      };
      expect(await forEachCrash(() => createCrashDisk(files), check, fault)).toBeGreaterThan(50);
    },
  );
});

describe("the crashes", () => {
  it.each<[string, (path: string) => boolean, RegExp]>([
    ["what is written", (path) => path.endsWith(".tmp"), /cannot be read/],
    ["the folder", (path) => !path.endsWith(".tmp"), /expected 1 to be greater than or equal to 2/],
  ])("show it when the sync of %s is left out", async (_, isOmitted, fault) => {
    const begin = (): CrashDisk => {
      const disk = createCrashDisk({ [PATH]: documentWith("before") });
      const fileSystem = interceptFileSystem(disk.fileSystem, async (call, proceed) =>
        call.operation === "sync" && isOmitted(call.path) ? (undefined as never) : proceed(),
      );
      return { ...disk, fileSystem };
    };
    const run = forEachCrash(begin, (after, acknowledged) => expectWhole(after, acknowledged, ["before"]));
    await expect(run).rejects.toThrow(fault);
  });
});
