import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { procTable } from "../processes/process-table.ts";
import { eventually } from "../testing/eventually.ts";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Where the demo makes its folder, so that what is left of it is seen. */
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "demo-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface DemoProcess {
  readonly exit: Promise<number | null>;
  readonly output: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
}

function startDemo(env: Readonly<Record<string, string>> = {}): DemoProcess {
  const child = spawn(process.execPath, ["--conditions=@core/source", main, "demo"], {
    env: { PATH: process.env["PATH"], TMPDIR: folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exit, output: () => output, kill: (signal) => void child.kill(signal) };
}

describe("server demo", () => {
  test("goes through all steps, whatever the environment says, and leaves nothing behind", async () => {
    const hostile = { PORT: "1", AGENT: "command", DATABASE_URL: "postgres://nobody", API_KEY: "short" };
    const { exit, output } = startDemo({ ...hostile, LOG_LEVEL: "loud", FORCE_COLOR: "1" });
    expect([await exit, output()]).toEqual([0, expect.stringContaining("Next")]);
    const steps = output().match(/^ {2}\d {2}.*$/gm);
    expect(steps).toEqual([
      "  1  Start a server and a receiver",
      "  2  Post a task",
      "  3  The result arrives, signed, and the receiver says 503",
      "  4  The server tries again, and the receiver takes it",
      "  5  The task as the API shows it now",
      "  6  Kill the server with -9 in the middle of a delivery",
      "  7  Start it again on the same folder",
    ]);
    expect(output()).toContain('"result":"HELLO FROM THE DEMO"}');
    expect(output()).toContain("delivered at attempt 2 of 12, attempt 1 ended with http_503");
    expect(output()).toContain("delivered at attempt 2 of 12, attempt 1 ended with lease_lost");
    expect(output()).not.toContain("\u001b");
    expect(await readdir(folder)).toEqual([]);
  });

  test("ends its server and removes its folder at Ctrl-C", async () => {
    const { exit, output, kill } = startDemo();
    const pid = await eventually(() => /\(process (\d+)\)/.exec(output())?.[1], 20_000);
    kill("SIGINT");
    expect([await exit, output()]).toEqual([130, expect.stringContaining("Stopped: SIGINT.")]);
    expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
    expect(await readdir(folder)).toEqual([]);
  });

  test.runIf(process.platform === "linux")("leaves nothing behind when it is itself killed", async () => {
    const { exit, output, kill } = startDemo();
    const pid = await eventually(() => /\(process (\d+)\)/.exec(output())?.[1], 20_000);
    kill("SIGKILL");
    await exit;
    await eventually(async () => (await readdir(folder)).length === 0);
    expect(procTable.read(Number(pid))).toBeNull();
  });

  test("says which step failed, and why", async () => {
    const { exit, output } = startDemo({ TMPDIR: join(folder, "none") });
    expect([await exit, output()]).toEqual([
      1,
      expect.stringMatching(/Step 1 failed \(Start a server and a receiver\)\. ENOENT: .*mkdtemp/),
    ]);
  });
});
