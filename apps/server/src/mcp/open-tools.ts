import { setTimeout as timer } from "node:timers/promises";
import { lockDataDir } from "@core/database";
import { holderOf } from "../admin/command-database.ts";
import { holdingServer } from "../admin/holding-server.ts";
import { PassingError } from "../commands/command.ts";
import { assertFolder } from "../data-folder.ts";
import type { LocalToolsOptions } from "./local-tools.ts";
import { encryptionKeyOf, openLocalTools } from "./local-tools.ts";
import { openServerTools } from "./server-tools.ts";
import type { ServedTool } from "./served-tool.ts";
import type { ToolSource } from "./tool-source.ts";

export interface OpenToolsOptions extends Omit<LocalToolsOptions, "encryptionKey"> {
  readonly version: string;
  /** How long it may take until a server that starts has come up, or one that stops has gone. Default 15,000. */
  readonly waitMs?: number;
  /** Default: by the machine's timers. */
  readonly sleep?: (delayMs: number) => Promise<unknown>;
}

const POLL_MS = 200;

/**
 * The tools of these settings: those of the server that holds the data folder, or tools of this process when none does.
 * Neither the server nor these settings offer more than the other.
 * @throws CommandError, DatabaseError, KeyFileError
 */
export async function openTools(options: OpenToolsOptions): Promise<ToolSource> {
  const { configuration, waitMs = 15_000, sleep = timer } = options;
  await assertFolder(configuration.dataDir);
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    try {
      return await openNow(options);
    } catch (error) {
      if (!(error instanceof PassingError) || waitedMs >= waitMs) throw error;
      await sleep(POLL_MS);
    }
  }
}

async function openNow(options: OpenToolsOptions): Promise<ToolSource> {
  const { configuration, version } = options;
  const own = await keyOrHolder(options);
  if ("encryptionKey" in own) return openLocalTools({ ...options, ...own });
  const served = await openServerTools({ ...(await holdingServer(configuration, own.holderPid)), version });
  return configuration.mcpReadOnly ? { ...served, tools: served.tools.filter(onlyReads) } : served;
}

function onlyReads({ annotations }: ServedTool): boolean {
  return annotations.readOnlyHint;
}

/** Holds the folder no longer than the keys are read: the state has a lock of its own, and a server may want to start. */
async function keyOrHolder({
  configuration,
  logger,
}: OpenToolsOptions): Promise<{ readonly encryptionKey: string } | { readonly holderPid: number | null }> {
  try {
    const lock = await lockDataDir(configuration.dataDir);
    try {
      return { encryptionKey: await encryptionKeyOf(configuration, logger) };
    } finally {
      await lock.release();
    }
  } catch (error) {
    const holder = holderOf(error);
    if (holder === null) throw error;
    return { holderPid: holder.pid };
  }
}
