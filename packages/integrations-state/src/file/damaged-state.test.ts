import { systemClock } from "@core/registry";
import { createManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import type { IntegrationsError } from "../errors.ts";
import { emptyState } from "../state/empty-state.ts";
import { writeStateDocument } from "../state/state-document.ts";
import { note, notesOf } from "../testing/contract/scene.ts";
import { createCrashDisk } from "../testing/files/crash-disk.ts";
import { CHANGES, interceptFileSystem, systemError } from "../testing/files/intercepted-file-system.ts";
import { createMemoryMutex } from "../testing/files/memory-mutex.ts";
import type { StateFileOptions } from "./state-file-options.ts";
import { createStateFile } from "./state-file.ts";

const PATH = "/data/integrations.json";
const BAK = `${PATH}.bak`;

function documentWith(message: string): string {
  const state = emptyState(new Date(0));
  note(state, message);
  return writeStateDocument(state);
}

const GOOD = documentWith("good");

function scene(files: Readonly<Record<string, string>>, options: StateFileOptions = {}) {
  const disk = createCrashDisk({ "/data/other": "", ...files });
  const problems: IntegrationsError[] = [];
  const store = createStateFile({
    path: PATH,
    fileSystem: disk.fileSystem,
    mutex: createMemoryMutex(),
    clock: createManualClock(Date.parse("2026-03-01T10:00:00.000Z")),
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  const quarantined = (): string[] =>
    Object.entries(disk.files()).flatMap(([path, text]) =>
      path.startsWith(`${PATH}.corrupt-`) ? [text] : [],
    );
  return { disk, store, problems, quarantined };
}

const DAMAGED: readonly (readonly [string, string])[] = [
  ["an empty file", ""],
  ["a file of zeros", "\u0000".repeat(4_096)],
  ["a file that was cut off", GOOD.slice(0, GOOD.length / 2)],
  ["a file that is no JSON", "version: 1\n"],
  ["a file with something behind its end", `${GOOD}}`],
  ["JSON that is no state", '{"version": 1, "webhooks": "none"}'],
  ["a list", "[]"],
];

describe.each(DAMAGED)("%s", (_, damaged) => {
  it("is put aside and replaced by the last good copy, which is told", async () => {
    const { disk, store, problems, quarantined } = scene({ [PATH]: damaged, [BAK]: GOOD });
    expect(notesOf(await store.read())).toEqual(["good"]);
    expect(quarantined()).toEqual([damaged]);
    expect(disk.files()).toMatchObject({ [PATH]: GOOD, [BAK]: GOOD });
    expect(problems).toEqual([
      expect.objectContaining({
        code: "STATE_CORRUPT",
        message: expect.stringMatching(
          /cannot be read; its last good copy is used in its place.*is kept as .*corrupt-/,
        ),
        details: expect.objectContaining({
          path: PATH,
          kept_as: expect.stringMatching(/\/integrations\.json\.corrupt-20260301T100000000Z-[0-9a-f]{8}$/),
        }),
      }),
    ]);
    await store.read();
    expect(problems).toHaveLength(1);
  });

  it("is put aside by an update too, which goes on from the last good copy", async () => {
    const { store, problems, quarantined } = scene({ [PATH]: damaged, [BAK]: GOOD });
    await store.update((state) => note(state, "new"));
    expect(notesOf(await store.read())).toEqual(["good", "new"]);
    expect([quarantined(), problems.length]).toEqual([[damaged], 1]);
  });

  it.each([
    ["is missing", {}],
    ["is damaged too", { [BAK]: "{" }],
  ])("is left as it is, and nothing is written, when the last good copy %s", async (__, files) => {
    const { disk, store } = scene({ [PATH]: damaged, ...files });
    const before = disk.files();
    const refusal = {
      code: "STATE_CORRUPT",
      message: expect.stringMatching(/Nothing was changed.*to begin anew/),
    };
    await expect(store.read()).rejects.toMatchObject(refusal);
    await expect(store.update((state) => note(state, "new"))).rejects.toMatchObject(refusal);
    expect(disk.files()).toEqual(before);
  });
});

describe("a damaged state", () => {
  it("is still read where nothing can be written", async () => {
    const { disk } = scene({ [PATH]: "{", [BAK]: GOOD });
    const readOnly = interceptFileSystem(disk.fileSystem, async (call, proceed) => {
      if (CHANGES.has(call.operation)) throw systemError("EROFS");
      return proceed();
    });
    const store = createStateFile({ path: PATH, fileSystem: readOnly, mutex: createMemoryMutex() });
    expect(notesOf(await store.read())).toEqual(["good"]);
  });

  it("is restored once, however many meet it at the same time", async () => {
    const { store, problems, quarantined } = scene({ [PATH]: "{", [BAK]: GOOD }, { clock: systemClock });
    const found = await Promise.all(Array.from({ length: 5 }, () => store.read()));
    expect(found.map(notesOf)).toEqual(Array.from({ length: 5 }, () => ["good"]));
    expect([quarantined().length, problems.length]).toEqual([1, 1]);
  });

  it("is restored though the listener throws", async () => {
    const { store } = scene(
      { [PATH]: "{", [BAK]: GOOD },
      {
        onProblem: () => {
          throw new Error("the listener's own");
        },
      },
    );
    await store.update((state) => note(state, "new"));
    expect(notesOf(await store.read())).toEqual(["good", "new"]);
  });
});

describe("a missing state", () => {
  it("is an empty one, and reading makes nothing", async () => {
    const { disk, store, problems } = scene({});
    expect(await store.read()).toMatchObject({ version: 1, webhooks: [], notifications: [] });
    expect(Object.keys(disk.files())).toEqual(["/data/other"]);
    expect(problems).toEqual([]);
  });

  it("in a missing folder is an empty one as well", async () => {
    const { fileSystem } = createCrashDisk();
    const store = createStateFile({ path: PATH, fileSystem, mutex: createMemoryMutex() });
    expect(await store.read()).toMatchObject({ webhooks: [] });
  });

  it("whose last good copy is there is restored from it, which is told", async () => {
    const { disk, store, problems } = scene({ [BAK]: GOOD });
    expect(notesOf(await store.read())).toEqual(["good"]);
    expect(disk.files()).toMatchObject({ [PATH]: GOOD, [BAK]: GOOD });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("is missing; its last good copy"),
    ]);
  });
});

describe("a state that is not damaged", () => {
  it("may begin with a byte order mark, which the next write leaves out", async () => {
    const { disk, store, problems } = scene({ [PATH]: `\uFEFF${GOOD}` });
    expect(notesOf(await store.read())).toEqual(["good"]);
    await store.update((state) => note(state, "new"));
    expect(disk.files()[PATH]?.startsWith("{")).toBe(true);
    expect(problems).toEqual([]);
  });

  it("of a newer version is refused and left as it is, and so is its last good copy", async () => {
    const newer = '{"version": 2, "webhooks": {}}';
    const { disk, store, problems } = scene({ [PATH]: newer, [BAK]: GOOD });
    const before = disk.files();
    const refusal = { code: "STATE_VERSION_UNSUPPORTED", message: expect.stringContaining(PATH) };
    await expect(store.read()).rejects.toMatchObject(refusal);
    await expect(store.update((state) => note(state, "new"))).rejects.toMatchObject(refusal);
    expect(disk.files()).toEqual(before);
    expect(problems).toEqual([]);
  });

  it("that another program has changed is read as it is now", async () => {
    const { disk, store } = scene({ [PATH]: GOOD });
    await store.read();
    await disk.fileSystem.unlink(PATH);
    const file = await disk.fileSystem.open(PATH, "wx");
    await file.write(Buffer.from(documentWith("theirs")), 0);
    expect(notesOf(await store.read())).toEqual(["theirs"]);
    await store.update((state) => note(state, "ours"));
    expect(notesOf(await store.read())).toEqual(["theirs", "ours"]);
  });
});
