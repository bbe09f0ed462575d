import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { notesOf } from "../testing/contract/scene.ts";
import { ownMounts, ownPids, unprivilegedUid } from "../testing/files/machine-abilities.ts";
import { makeScratchFolder } from "../testing/files/scratch-folder.ts";
import { startStateChild } from "../testing/files/state-child.ts";
import { createStateFile } from "./state-file.ts";

const mounts = ownMounts();
const pids = ownPids();
const nobody = unprivilegedUid();

/** Tells how an update or a read ended, as one line of JSON. */
const TELLING = `
  const told = (promise) => promise.then(
    (found) => say(JSON.stringify({ notes: (found.state ?? found).notifications.map(({ id }) => id) })),
    ({ code, details }) => say(JSON.stringify({ code, system_code: details.system_code })),
  );`;

describe.skipIf(mounts === null)("on a disk of its own (needs user namespaces)", () => {
  const onTmpfs = (folder: string, script: string): string => `
    import { execFileSync } from "node:child_process";
    import { readdirSync, rmSync, writeFileSync } from "node:fs";
    ${TELLING}
    const folder = ${JSON.stringify(folder)};
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
    const store = createStateFile({ path: folder + "/state.json" });
    await told(store.update(note("old")));
    ${script}`;

  it("a full disk refuses the update and keeps the old state, and room on it is all that is needed", async () => {
    using folder = makeScratchFolder();
    const script = `
      try {
        writeFileSync(folder + "/filler", Buffer.alloc(2_000_000));
      } catch {}
      await told(store.update(note("new ".repeat(10_000))));
      await told(createStateFile({ path: folder + "/state.json" }).read());
      say(JSON.stringify(readdirSync(folder).filter((name) => name.endsWith(".tmp"))));
      rmSync(folder + "/filler");
      await told(store.update(note("newer")));`;
    await using child = startStateChild(onTmpfs(folder.path, script), { launcher: mounts ?? [] });
    expect(JSON.parse(await child.line())).toEqual({ notes: ["old"] });
    expect(JSON.parse(await child.line())).toEqual({ code: "STATE_WRITE_FAILED", system_code: "ENOSPC" });
    expect(JSON.parse(await child.line())).toEqual({ notes: ["old"] });
    expect(JSON.parse(await child.line())).toEqual([]);
    expect(JSON.parse(await child.line())).toEqual({ notes: ["old", "newer"] });
  });

  it("a read-only disk refuses the update and is read", async () => {
    using folder = makeScratchFolder();
    const script = `
      await store.close();
      execFileSync("mount", ["-o", "remount,ro", folder]);
      const readOnly = createStateFile({ path: folder + "/state.json" });
      await told(readOnly.update(note("new")));
      await told(readOnly.read());`;
    await using child = startStateChild(onTmpfs(folder.path, script), { launcher: mounts ?? [] });
    expect(JSON.parse(await child.line())).toEqual({ notes: ["old"] });
    expect(JSON.parse(await child.line())).toMatchObject({ code: "STATE_WRITE_FAILED" });
    expect(JSON.parse(await child.line())).toEqual({ notes: ["old"] });
  });
});

describe.skipIf(pids === null)("in containers that share a folder (needs pid namespaces)", () => {
  it("two processes with the same pid lose nothing of each other's", async () => {
    using folder = makeScratchFolder();
    const path = folder.at("state.json");
    const script = (name: string): string => `
      const store = createStateFile({ path: ${JSON.stringify(path)} });
      for (let n = 0; n < 25; n += 1) await store.update(note("${name} " + n));
      say(String(process.pid));`;
    await using one = startStateChild(script("one"), { launcher: pids ?? [] });
    await using other = startStateChild(script("other"), { launcher: pids ?? [] });
    expect([await one.line(), await other.line()]).toEqual(["1", "1"]);
    const notes = notesOf(await createStateFile({ path }).read());
    expect(new Set(notes).size).toBe(50);
    expect(readdirSync(folder.path).toSorted()).toEqual([
      "state.json",
      "state.json.bak",
      "state.json.lock.db",
    ]);
  });
});

describe.skipIf(nobody === null)("as a user without rights (needs root to become it)", () => {
  const session = (path: string): string => `
    ${TELLING}
    const store = createStateFile({ path: ${JSON.stringify(path)} });
    await told(store.update(note("new")));
    await told(store.read());`;

  const asNobody = (path: string) => startStateChild(session(path), nobody === null ? {} : { uid: nobody });

  it("a folder of somebody else refuses the update and is read", async () => {
    using folder = makeScratchFolder();
    chmodSync(folder.path, 0o755);
    writeFileSync(folder.at("state.json"), "{}");
    await using child = asNobody(folder.at("state.json"));
    expect(JSON.parse(await child.line())).toMatchObject({ code: "STATE_WRITE_FAILED" });
    expect(JSON.parse(await child.line())).toEqual({ notes: [] });
  });

  it("a state of somebody else is refused and never replaced", async () => {
    using folder = makeScratchFolder();
    chmodSync(folder.path, 0o755);
    mkdirSync(folder.at("open"));
    chownSync(folder.at("open"), nobody ?? 0, nobody ?? 0);
    writeFileSync(folder.at("open", "state.json"), "{}", { mode: 0o600 });
    await using child = asNobody(folder.at("open", "state.json"));
    const refusal = { code: "STATE_UNREADABLE", system_code: "EACCES" };
    expect(JSON.parse(await child.line())).toEqual(refusal);
    expect(JSON.parse(await child.line())).toEqual(refusal);
  });
});

describe.skipIf(process.platform === "win32")("without any open file left", () => {
  it("updates and reads are refused until there are some again", async () => {
    using folder = makeScratchFolder();
    const script = `
      import { closeSync, openSync } from "node:fs";
      ${TELLING}
      const store = createStateFile({ path: ${JSON.stringify(folder.at("state.json"))} });
      await told(store.update(note("old")));
      const opened = [];
      try {
        for (;;) opened.push(openSync("/dev/null"));
      } catch {}
      await told(store.update(note("new")));
      await told(store.read());
      opened.forEach(closeSync);
      await told(store.update(note("newer")));`;
    const launcher = ["sh", "-c", 'ulimit -n 200 && exec "$@"', "sh"];
    await using child = startStateChild(script, { launcher });
    expect(JSON.parse(await child.line())).toEqual({ notes: ["old"] });
    expect(JSON.parse(await child.line())).toMatchObject({ code: "STATE_WRITE_FAILED" });
    expect(JSON.parse(await child.line())).toEqual({ code: "STATE_UNREADABLE", system_code: "EMFILE" });
    expect(JSON.parse(await child.line())).toEqual({ notes: ["old", "newer"] });
  });
});
