import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { procTable } from "./process-table.ts";

const ownerScript = fileURLToPath(new URL("../testing/orphan-owner.ts", import.meta.url));

describe.runIf(process.platform === "linux")("orphan guard", () => {
  test("a kill -9 of the owner ends what it started, in other sessions too, and removes its folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "orphan-test-"));
    await writeFile(join(folder, "file"), "x");
    const { owner, pids } = await startOwner(folder);
    expect(pids.every(isAlive)).toBe(true);
    owner.kill("SIGKILL");
    await eventually(() => !pids.some(isAlive) && !existsSync(folder));
  });

  test("close() does the same while the owner lives", async () => {
    const folder = await mkdtemp(join(tmpdir(), "orphan-test-"));
    const { owner, pids } = await startOwner(folder, "close");
    await eventually(() => !pids.some(isAlive) && !existsSync(folder));
    expect(owner.signalCode).toBeNull();
  });
});

async function startOwner(
  folder: string,
  ending = "wait",
): Promise<{ owner: ReturnType<typeof spawn>; pids: readonly number[] }> {
  const owner = spawn(process.execPath, [ownerScript, folder, ending], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(owner.stdout, "data")) as [Buffer];
  owner.stdout.destroy();
  return { owner, pids: String(line).trim().split(" ").map(Number) };
}

function isAlive(pid: number): boolean {
  return procTable.read(pid) !== null;
}
