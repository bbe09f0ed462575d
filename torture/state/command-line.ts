import { parseArgs } from "node:util";

export interface StateCommand {
  readonly kills: number;
  readonly processes: number;
  readonly paceMs: number;
  readonly seed: number;
}

export const help = `Kills processes with -9 that share a state file, while the file is read all the time.

  pnpm torture:state [options]

Options
  --kills <n>       how many; default 1,000
  --processes <n>   how many update the state at a time; default 6
  --pace <ms>       the longest time from one kill to the next; default 300
  --seed <n>        the same seed draws the same victims and times; default: by lot
  --help

It ends with code 1 when an acknowledged update was lost, a read was torn, something was left behind, or no update was
acknowledged for 500 ms. A write of that size that was merely synced took up to slowestSyncMs meanwhile: where that is
long, the disk is busy with something else.
`;

/** @throws Error that says what is wrong with the words; null when help was asked for */
export function readCommand(words: readonly string[], random: () => number): StateCommand | null {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: words.filter((word) => word !== "--"),
    options: { kills: text, processes: text, pace: text, seed: text, help: { type: "boolean" } },
  });
  if (values.help === true) return null;
  return {
    kills: wholeNumber("kills", values.kills ?? "1000"),
    processes: wholeNumber("processes", values.processes ?? "6"),
    paceMs: wholeNumber("pace", values.pace ?? "300"),
    seed: wholeNumber("seed", values.seed ?? `${Math.floor(random() * 1e9)}`),
  };
}

function wholeNumber(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`--${option} is "${text}". Give a whole number.`);
}
