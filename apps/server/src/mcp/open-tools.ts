import { lockDataDir } from "@core/database";
import { holderOf } from "../admin/command-database.ts";
import { holdingServer } from "../admin/holding-server.ts";
import { assertFolder } from "../data-folder.ts";
import type { LocalToolsOptions } from "./local-tools.ts";
import { openLocalTools } from "./local-tools.ts";
import { openServerTools } from "./server-tools.ts";
import type { ToolSource } from "./tool-source.ts";

export interface OpenToolsOptions extends LocalToolsOptions {
  readonly version: string;
}

/**
 * The tools of these settings: those of the server that holds the data folder, or tools of this process when none does.
 * @throws CommandError, ServerGoneError, and what opening the state throws
 */
export async function openTools(options: OpenToolsOptions): Promise<ToolSource> {
  const { configuration, version } = options;
  await assertFolder(configuration.dataDir);
  try {
    // Only while the keys are read: the state has a lock of its own, and a server may start any time.
    const lock = await lockDataDir(configuration.dataDir);
    return await openLocalTools(options).finally(() => lock.release());
  } catch (error) {
    const holder = holderOf(error);
    if (holder === null) throw error;
    return openServerTools({ ...(await holdingServer(configuration, holder.pid)), version });
  }
}
