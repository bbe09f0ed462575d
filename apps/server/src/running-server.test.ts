import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRunningServer, recordRunningServer } from "./running-server.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "running-server-"));
});
afterEach(() => rm(dataDir, { recursive: true }));

describe("the record of a running server", () => {
  test("tells where it is to its owner alone, until it is removed", async () => {
    const forget = await recordRunningServer(dataDir, "http://127.0.0.1:3000");
    expect(await readRunningServer(dataDir)).toEqual({
      url: "http://127.0.0.1:3000",
      pid: process.pid,
      started_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(await readdir(dataDir)).toEqual(["server.json"]);
    expect((await stat(join(dataDir, "server.json"))).mode & 0o777).toBe(0o600);
    await forget();
    await forget();
    expect(await readRunningServer(dataDir)).toBeNull();
  });

  test("is written over one that a crash has left", async () => {
    await recordRunningServer(dataDir, "http://127.0.0.1:1");
    await recordRunningServer(dataDir, "http://127.0.0.1:2");
    expect(await readRunningServer(dataDir)).toMatchObject({ url: "http://127.0.0.1:2" });
  });

  test.each(["", "{", "null", "[]", `{"url":"no address","pid":1}`, `{"url":"http://127.0.0.1:1"}`])(
    "counts for nothing when it is %j",
    async (content) => {
      await writeFile(join(dataDir, "server.json"), content);
      expect(await readRunningServer(dataDir)).toBeNull();
    },
  );
});
