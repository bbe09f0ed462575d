import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDataDir } from "./data-dir-lock.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "data-dir-lock-"));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const lockModule = JSON.stringify(new URL("./data-dir-lock.ts", import.meta.url).href);

/** A process that locks the folder and then does `then`. */
function startHolder(dir: string, then: string = "setInterval(() => {}, 1000)"): ChildProcess {
  const script = `
    import { lockDataDir } from ${lockModule};
    const lock = await lockDataDir(${JSON.stringify(dir)});
    process.stdout.write("locked");
    ${then};`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function whenLocked(holder: ChildProcess): Promise<void> {
  if (holder.stdout !== null) await once(holder.stdout, "data");
}

test("a missing folder is made for its owner alone, and the holder is written down", async () => {
  const dir = join(parent, "deep", "data");
  await using lock = await lockDataDir(dir);
  expect(lock.dir).toBe(dir);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
  const holder: unknown = JSON.parse(await readFile(join(dir, "lock.json"), "utf8"));
  expect(holder).toEqual({ pid: process.pid, since: expect.stringMatching(/^\d{4}-.*Z$/) });
});

test("a second lock in the same process is refused until the first is released", async () => {
  const first = await lockDataDir(parent);
  await expect(lockDataDir(parent)).rejects.toMatchObject({
    code: "DATA_DIR_LOCKED",
    details: { pid: process.pid },
  });
  await first.release();
  await first.release();
  const second = await lockDataDir(parent);
  await second.release();
  await expect(stat(join(parent, "lock.json"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("a folder that another process holds is refused with its pid; after kill -9 it is free at once", async () => {
  const holder = startHolder(parent);
  await whenLocked(holder);
  await expect(lockDataDir(parent)).rejects.toMatchObject({
    code: "DATA_DIR_LOCKED",
    message: expect.stringMatching(new RegExp(`in use by process ${holder.pid} since .*Stop that process`)),
    details: { dir: parent, pid: holder.pid },
  });
  holder.kill("SIGKILL");
  await once(holder, "exit");
  const lock = await lockDataDir(parent);
  await lock.release();
});

test("a process that ends without releasing leaves nothing behind", async () => {
  const holder = startHolder(parent, "process.exit(0)");
  await once(holder, "exit");
  await expect(stat(join(parent, "lock.json"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("locking prints no warning", async () => {
  const holder = startHolder(parent, "await lock.release()");
  let errors = "";
  holder.stderr?.on("data", (chunk) => (errors += String(chunk)));
  await once(holder, "close");
  expect(errors.replaceAll(/^.*Type Stripping.*$|^.*trace-warnings.*$/gm, "").trim()).toBe("");
});

test("a holder that wrote no readable note is still respected", async () => {
  const lock = await lockDataDir(parent);
  await writeFile(join(parent, "lock.json"), "{");
  await expect(lockDataDir(parent)).rejects.toThrow(/in use by another process/);
  await lock.release();
});

test("a file in place of the folder is refused", async () => {
  const file = join(parent, "file");
  await writeFile(file, "");
  const refused = { code: "DATA_DIR_UNUSABLE", message: expect.stringContaining(file) };
  await expect(lockDataDir(file)).rejects.toMatchObject(refused);
  await expect(lockDataDir(join(file, "below"))).rejects.toMatchObject(refused);
});

test("a foreign lock.db is refused rather than overwritten", async () => {
  await writeFile(join(parent, "lock.db"), "this is no database, but a file of somebody else's");
  await expect(lockDataDir(parent)).rejects.toMatchObject({ code: "DATA_DIR_UNUSABLE" });
});

test.skipIf(process.getuid?.() === 0)("a folder that may not be written is refused", async () => {
  const dir = join(parent, "read-only");
  await mkdir(dir, { mode: 0o500 });
  await expect(lockDataDir(dir)).rejects.toMatchObject({ code: "DATA_DIR_UNUSABLE" });
});
