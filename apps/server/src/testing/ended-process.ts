import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A process that has ended by itself. */
export interface EndedProcess {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Runs a server that is expected to end by itself, such as one that refuses to start. */
export function runToEnd(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<EndedProcess> {
  return runNode(env, ["--conditions=@core/source", main, ...args]);
}

/** Runs any program on the Node of the tests, with these variables and PATH alone. */
export async function runNode(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<EndedProcess> {
  const child = spawn(process.execPath, [...args], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed.stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...printed };
}
