import type { Configuration } from "../configuration.ts";
import { holderOf, openCommandDatabase } from "./command-database.ts";
import type { CommandDatabaseOptions } from "./command-database.ts";
import { holdingServer } from "./holding-server.ts";
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
    return createRemoteTaskAdmin(createServerApi(await holdingServer(options, holder.pid)));
  }
}
