import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it.runIf(process.platform === "linux")(
  "a test run that is killed with -9 leaves neither its database nor its folder behind",
  { timeout: 30_000 },
  async () => {
    const script = fileURLToPath(new URL("cluster-owner.ts", import.meta.url));
    const owner = spawn(process.execPath, ["--conditions=@core/source", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [printed] = (await once(owner.stdout, "data")) as [Buffer];
    const { folder, url } = JSON.parse(String(printed)) as { folder: string; url: string };
    const port = Number(new URL(url).port);
    expect(await answers(port)).toBe(true);
    owner.kill("SIGKILL");
    await expect.poll(() => answers(port), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
  },
);

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.unref();
  });
}
