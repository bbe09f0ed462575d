import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../commands/command.ts";
import type { Configuration } from "../configuration.ts";
import { readRunningServer } from "../running-server.ts";
import { holderOf, openCommandDatabase } from "./command-database.ts";
import type { CommandDatabaseOptions } from "./command-database.ts";
import { createLocalTaskAdmin } from "./local-task-admin.ts";
import { createRemoteTaskAdmin } from "./remote-task-admin.ts";
import { createServerApi } from "./server-api.ts";
import type { TaskAdmin } from "./task-admin.ts";

type Options = CommandDatabaseOptions & Pick<Configuration, "apiKey">;

/**
 * Opens the database of the settings. An embedded one that a server holds is reached through that server.
 * @throws CommandError and DatabaseError, which say what to do
 */
export async function openTaskAdmin(options: Options): Promise<TaskAdmin> {
  try {
    return createLocalTaskAdmin(await openCommandDatabase(options, "migrated"));
  } catch (error) {
    const holder = holderOf(error);
    if (holder === null) throw error;
    return throughServer(options, holder.pid);
  }
}

async function throughServer({ dataDir, apiKey }: Options, holderPid: number | null): Promise<TaskAdmin> {
  const server = await readRunningServer(dataDir);
  // A server that was killed leaves its record behind, and somebody else holds the folder now.
  if (server === null || (holderPid !== null && server.pid !== holderPid)) {
    const who = holderPid === null ? "Another process" : `Process ${holderPid}`;
    throw new CommandError(
      `${who} uses the data folder ${dataDir}, but no server listens there: it starts or stops, or it is another command. Try again in a moment.`,
    );
  }
  return createRemoteTaskAdmin(
    createServerApi({ url: server.url, pid: server.pid, apiKey: apiKey ?? (await keptKey(dataDir)) }),
  );
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
