import type { Terminal } from "./terminal.ts";
import { exitCodes } from "./command.ts";

/** What became of one task. */
export interface TaskOutcome {
  readonly id: string;
  readonly answer: string;
}

/** How an answer is told, and whether it is what was asked for. */
export interface ToldAnswer {
  readonly text: string;
  readonly isDone: boolean;
}

/** Tells what became of each of some tasks: what was not done as a note, unless it is told to a machine. */
export function tellOutcomes(
  outcomes: readonly TaskOutcome[],
  told: Readonly<Record<string, ToldAnswer>>,
  { terminal, isJson }: { readonly terminal: Terminal; readonly isJson: boolean },
): number {
  if (isJson) terminal.print(JSON.stringify({ tasks: outcomes }));
  for (const { id, answer } of outcomes) {
    const { text, isDone } = told[answer] ?? unknown;
    if (!isDone) terminal.note(`${id}: ${text}`);
    else if (!isJson) terminal.print(`${id}: ${text}`);
  }
  if (outcomes.some(({ answer }) => answer === "unknown")) return exitCodes.notFound;
  return outcomes.every(({ answer }) => told[answer]?.isDone === true) ? exitCodes.done : exitCodes.failed;
}

const unknown: ToldAnswer = { text: "there is no such task", isDone: false };
