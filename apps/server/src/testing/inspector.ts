import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EndedProcess } from "./ended-process.ts";
import { runNode } from "./ended-process.ts";
import { stdioProgram } from "./mcp-clients.ts";

const program = fileURLToPath(
  import.meta.resolve("@modelcontextprotocol/inspector/clients/launcher/build/index.js"),
);

/** What the Inspector's command line asks for. */
export interface Inspection {
  /** Where the server over HTTP is, with its headers; left out: a stdio server of its own. */
  readonly target?: readonly string[];
  /** Of the stdio server. */
  readonly dataDir: string;
  readonly method: string;
  readonly args: readonly string[];
}

/** Runs the Inspector's command line, which keeps nothing. */
export async function inspect({ target, dataDir, method, args }: Inspection): Promise<EndedProcess> {
  const home = await mkdtemp(join(tmpdir(), "inspector-"));
  const asked = ["--format", "json", "--quiet", "--method", method, ...args];
  const own = ["-e", `DATA_DIR=${dataDir}`, ...asked, "--", process.execPath, ...stdioProgram];
  const given = target === undefined ? own : [...target, ...asked];
  const ended = await runNode({ HOME: home }, [program, "--cli", ...given]);
  await rm(home, { recursive: true, force: true });
  return ended;
}
