import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EndedProcess } from "./ended-process.ts";
import { stdioProgram } from "./mcp-clients.ts";

const program = fileURLToPath(
  import.meta.resolve("@modelcontextprotocol/inspector/clients/launcher/build/index.js"),
);

/** Asks by the Inspector's command line, at a server over HTTP, or at a stdio server of its own where no target is given. */
export async function inspect(
  dataDir: string,
  target: readonly string[],
  method: string,
  ...args: readonly string[]
): Promise<EndedProcess> {
  const home = await mkdtemp(join(tmpdir(), "inspector-"));
  const asked = ["--format", "json", "--quiet", "--method", method, ...args];
  const stdio = ["-e", `DATA_DIR=${dataDir}`, ...asked, "--", process.execPath, ...stdioProgram];
  const child = spawn(
    process.execPath,
    [program, "--cli", ...(target.length > 0 ? [...target, ...asked] : stdio)],
    { env: { PATH: process.env["PATH"], HOME: home }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed.stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  await rm(home, { recursive: true, force: true });
  return { code, ...printed };
}
