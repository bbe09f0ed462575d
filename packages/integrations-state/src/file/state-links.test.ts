import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { StateStore } from "../state/state-store.ts";
import { note, notesOf } from "../testing/contract/scene.ts";
import { interceptFileSystem } from "../testing/files/intercepted-file-system.ts";
import type { ScratchFolder } from "../testing/files/scratch-folder.ts";
import { makeScratchFolder } from "../testing/files/scratch-folder.ts";
import type { StateFileOptions } from "./state-file-options.ts";
import { nodeFileSystem } from "./file-system.ts";
import { createStateFile } from "./state-file.ts";

const modeOf = (path: string): number => statSync(path).mode & 0o777;

const addNote = (path: string, message: string, options: StateFileOptions = {}): Promise<unknown> =>
  createStateFile({ path, ...options }).update((state) => note(state, message));

const notesAt = async (path: string): Promise<string[]> => notesOf(await createStateFile({ path }).read());

function scratch(): ScratchFolder {
  const folder = makeScratchFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder;
}

describe("a state behind a link", () => {
  it("is replaced where it is, and the link stays a link", async () => {
    const folder = scratch();
    mkdirSync(folder.at("volume"));
    await addNote(folder.at("volume", "real.json"), "first");
    symlinkSync("volume/real.json", folder.at("link.json"));
    symlinkSync(folder.at("link.json"), folder.at("link-to-link.json"));
    await addNote(folder.at("link-to-link.json"), "second");
    expect(lstatSync(folder.at("link.json")).isSymbolicLink()).toBe(true);
    expect(await notesAt(folder.at("volume", "real.json"))).toEqual(["first", "second"]);
    expect(readdirSync(folder.path).toSorted()).toEqual(["link-to-link.json", "link.json", "volume"]);
  });

  it("has one lock, by whatever name it is reached", async () => {
    const folder = scratch();
    mkdirSync(folder.at("volume"));
    symlinkSync("volume/real.json", folder.at("link.json"));
    symlinkSync("volume", folder.at("folder-link"));
    const names = [["link.json"], ["volume", "real.json"], ["folder-link", "real.json"]];
    const stores = names.map((name) => createStateFile({ path: folder.at(...name) }));
    const tenOf = (store: StateStore): Promise<unknown>[] =>
      Array.from({ length: 10 }, (_, n) => store.update((state) => note(state, `${n}`)));
    await Promise.all(stores.flatMap(tenOf));
    expect(await notesAt(folder.at("link.json"))).toHaveLength(30);
  });

  it("that is not there yet is made where the link points to, and reads as empty before", async () => {
    const folder = scratch();
    mkdirSync(folder.at("volume"));
    symlinkSync("../elsewhere/real.json", folder.at("volume", "link.json"));
    mkdirSync(folder.at("elsewhere"));
    expect(await notesAt(folder.at("volume", "link.json"))).toEqual([]);
    await addNote(folder.at("volume", "link.json"), "first");
    expect(lstatSync(folder.at("volume", "link.json")).isSymbolicLink()).toBe(true);
    expect(readdirSync(folder.at("volume"))).toEqual(["link.json"]);
    expect(await notesAt(folder.at("elsewhere", "real.json"))).toEqual(["first"]);
  });

  it("into a folder that is not there is refused: it may be a volume that is not mounted", async () => {
    const folder = scratch();
    symlinkSync(folder.at("volume", "real.json"), folder.at("link.json"));
    await expect(addNote(folder.at("link.json"), "first")).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
      message: expect.stringMatching(/A link points into a folder that is not there/),
    });
    expect(existsSync(folder.at("volume"))).toBe(false);
    symlinkSync(folder.at("volume"), folder.at("folder-link"));
    await expect(addNote(folder.at("folder-link", "a.json"), "first")).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
    });
    expect(existsSync(folder.at("volume"))).toBe(false);
  });

  it("that points to itself is refused", async () => {
    const folder = scratch();
    symlinkSync("b.json", folder.at("a.json"));
    symlinkSync("a.json", folder.at("b.json"));
    const store = createStateFile({ path: folder.at("a.json") });
    await expect(store.read()).rejects.toMatchObject({ code: "STATE_UNREADABLE" });
    await expect(store.update(() => undefined)).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
      message: expect.stringContaining("links point to each other"),
    });
  });
});

describe("what stands in the way", () => {
  it("of the state may be a folder, which is refused and left alone", async () => {
    const folder = scratch();
    mkdirSync(folder.at("state.json"));
    const store = createStateFile({ path: folder.at("state.json") });
    const refusal = {
      code: "STATE_UNREADABLE",
      message: expect.stringContaining("There is a folder in its place"),
    };
    await expect(store.read()).rejects.toMatchObject(refusal);
    await expect(store.update(() => undefined)).rejects.toMatchObject(refusal);
    expect(statSync(folder.at("state.json")).isDirectory()).toBe(true);
  });

  it("of its folder may be a file, which is refused", async () => {
    const folder = scratch();
    writeFileSync(folder.at("file"), "");
    await expect(addNote(folder.at("file", "state.json"), "first")).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
      message: expect.stringContaining("a file where a folder should be"),
    });
  });

  it("of a temporary file may be a link that somebody planted, and nothing is written through it", async () => {
    const folder = scratch();
    writeFileSync(folder.at("victim"), "precious");
    const planted: string[] = [];
    const fileSystem = interceptFileSystem(nodeFileSystem, async (call, proceed) => {
      if (call.operation === "open wx" && planted.length < 2) {
        symlinkSync(planted.length === 0 ? "victim" : "not-there", call.path);
        planted.push(call.path);
      }
      return proceed();
    });
    await addNote(folder.at("state.json"), "first", { fileSystem });
    expect(readFileSync(folder.at("victim"), "utf8")).toBe("precious");
    expect(existsSync(folder.at("not-there"))).toBe(false);
    expect(lstatSync(folder.at("state.json")).isSymbolicLink()).toBe(false);
    expect(planted.map((path) => dirname(path))).toEqual([folder.path, folder.path]);
    expect(await notesAt(folder.at("state.json"))).toEqual(["first"]);
  });
});

describe("rights", () => {
  it("are the owner's alone, on all that is made, whatever the process usually gives", async () => {
    const folder = scratch();
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const path = folder.at("data", "state", "integrations.json");
    await addNote(path, "first");
    await addNote(path, "second");
    expect([folder.at("data"), dirname(path)].map(modeOf)).toEqual([0o700, 0o700]);
    expect(readdirSync(dirname(path)).toSorted()).toEqual([
      "integrations.json",
      "integrations.json.bak",
      "integrations.json.lock.db",
    ]);
    expect(["", ".bak", ".lock.db"].map((suffix) => modeOf(path + suffix))).toEqual([0o600, 0o600, 0o600]);
  });

  it("are taken from others on a file that was open to them, and on what stays of it", async () => {
    const folder = scratch();
    const path = folder.at("integrations.json");
    writeFileSync(path, "{}");
    chmodSync(path, 0o644);
    await addNote(path, "first");
    expect([path, `${path}.bak`].map(modeOf)).toEqual([0o600, 0o600]);
  });
});

describe("what killed writers left", () => {
  it("is removed by the first update, and nothing else is", async () => {
    const folder = scratch();
    const random = "0123456789abcdef".repeat(2);
    const left = [
      `state.json.${random}.tmp`,
      `state.json.bak.${random}.tmp`,
      `state.json.corrupt-a-b.${random}.tmp`,
    ];
    const others = [
      `state.json.other.${random}.tmp`,
      `my-state.json.${random}.tmp`,
      "state.json.1234.1700000000000.tmp",
      "state.json.corrupt-a-b",
      "state.json.tmp",
    ];
    for (const name of [...left, ...others]) writeFileSync(folder.at(name), "x");
    await addNote(folder.at("state.json"), "first");
    const own = ["state.json", "state.json.lock.db"];
    expect(readdirSync(folder.path).toSorted()).toEqual([...own, ...others].toSorted());
  });
});
