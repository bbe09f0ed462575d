import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError, PassingError } from "../commands/command.ts";
import type { Configuration } from "../configuration.ts";
import { readRunningServer } from "../running-server.ts";
import type { ServerApiOptions } from "./server-api.ts";

/**
 * The running server that keeps a data folder from this process, and its key.
 * @throws PassingError when it is no server that holds the folder; CommandError when its key cannot be found
 */
export async function holdingServer(
  { dataDir, apiKey }: Pick<Configuration, "dataDir" | "apiKey">,
  holderPid: number | null,
): Promise<ServerApiOptions> {
  const server = await readRunningServer(dataDir);
  // A server that was killed leaves its record behind, and somebody else holds the folder now.
  if (server === null || (holderPid !== null && server.pid !== holderPid)) {
    const who = holderPid === null ? "Another process" : `Process ${holderPid}`;
    throw new PassingError(
      `${who} uses the data folder ${dataDir}, but no server listens there: it starts or stops, or it is another command. Try again in a moment.`,
    );
  }
  return { url: server.url, pid: server.pid, apiKey: apiKey ?? (await keptKey(dataDir)) };
}

async function keptKey(dataDir: string): Promise<string> {
  const file = join(dataDir, "api-key");
  const key = await readFile(file, "utf8").catch(() => {
    throw new CommandError(
      `The key of the running server is not in ${file}. Set API_KEY to the one that it was started with.`,
    );
  });
  return key.trim();
}
