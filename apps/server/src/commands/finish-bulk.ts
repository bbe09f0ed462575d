import type { CommandContext } from "./command.ts";
import { exitCodes } from "./command.ts";

export interface BulkEnd {
  /** Such as `retried`. */
  readonly name: string;
  readonly count: number;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

/** Tells how many tasks something was done to, and whether that are all. */
export function finishBulk(
  { name, count, isJson, signal }: BulkEnd,
  { terminal }: Pick<CommandContext, "terminal">,
): number {
  if (isJson) terminal.print(JSON.stringify({ [name]: count }));
  else terminal.print(`${count.toLocaleString("en-US")} ${count === 1 ? "task" : "tasks"} ${name}.`);
  if (!signal.aborted) return exitCodes.done;
  terminal.note("It was interrupted; run it again for the rest.");
  return exitCodes.failed;
}
