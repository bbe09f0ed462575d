import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { StartError } from "../start-error.ts";

/**
 * Makes sure that a command agent's program is there and may be executed, as the system will look for it.
 * @throws StartError naming AGENT_COMMAND
 */
export async function assertAgentProgram(
  command: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  // Windows also tries endings, so that only a start tells.
  if (process.platform === "win32") return;
  const [program = ""] = command;
  for (const place of placesOf(program, environment["PATH"])) if (await isExecutable(place)) return;
  const where = program.includes("/") ? "is no file that may be executed" : "is not on PATH";
  throw new StartError(
    `AGENT_COMMAND: "${program}" ${where}. Set it to a program that is installed and may be executed by this user.`,
  );
}

/** Where the system looks when there is no PATH. */
const systemPath = "/usr/local/bin:/bin:/usr/bin";

function placesOf(program: string, path: string | undefined): readonly string[] {
  if (program.includes("/")) return [program];
  return (path ?? systemPath).split(delimiter).map((folder) => join(folder === "" ? "." : folder, program));
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
