import { readConfiguration } from "../configuration.ts";
import { createMasking, urlSecrets } from "../masking.ts";
import { plainStartError } from "../start-error.ts";
import type { Command, CommandContext, CommandInput } from "./command.ts";
import { CommandError, exitCodes, UsageError } from "./command.ts";
import { createTerminal } from "./terminal.ts";

export interface RunCommandOptions {
  readonly command: Command;
  readonly input: CommandInput;
  readonly version: string;
}

/** Runs a command for whoever started this process, and says in plain words why it failed, without secrets. */
export async function runCommand({ command, input, version }: RunCommandOptions): Promise<number> {
  const masking = createMasking();
  const terminal = createTerminal(process, process.env);
  const context: CommandContext = { version, terminal, masking, configuration, interruption };
  try {
    return await command.run(input, context);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const plain = isUsage || error instanceof CommandError ? error.message : plainStartError(error);
    const text = plain ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
    terminal.note(masking.withoutSecrets(text));
    if (isUsage) terminal.note(`server ${command.name} --help tells more.`);
    return isUsage ? exitCodes.wrongUsage : exitCodes.failed;
  }

  function configuration(): ReturnType<CommandContext["configuration"]> {
    const read = readConfiguration(process.env);
    const { databaseUrl, smtp, apiKey, encryptionKey } = read;
    const urls = [...urlSecrets(databaseUrl), ...urlSecrets(smtp?.url ?? null)];
    for (const secret of [...urls, apiKey ?? "", encryptionKey ?? ""]) masking.hide(secret);
    return read;
  }
}

function interruption(): AbortSignal {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  return stop.signal;
}
