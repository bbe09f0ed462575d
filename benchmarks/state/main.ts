// How many updates of the state file a second beside other ways to keep one: pnpm benchmark:state
import { parseArgs } from "node:util";
import { median } from "../tasks/measuring/statistics.ts";
import { measure } from "./measurement.ts";
import type { Way } from "./way.ts";
import { ours, pair, reference } from "./ways.ts";

const usage = "pnpm benchmark:state [--runs 3] [--seconds 2]";
const CALLERS = [1, 4, 64];
const WARM_UP_MS = 500;

await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<void> {
  const { runs, forMs } = understand(words);
  for (const way of [ours, reference, pair]) await measure(way, 8, WARM_UP_MS);
  for (const callers of CALLERS) await compare(callers, runs, forMs);
}

function understand(words: readonly string[]): { runs: number; forMs: number } {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: [...words], options: { runs: text, seconds: text } });
  const runs = Number(values.runs ?? 3);
  const seconds = Number(values.seconds ?? 2);
  if (runs > 0 && seconds > 0) return { runs, forMs: seconds * 1_000 };
  print(usage);
  return process.exit(2);
}

/** One way after another within each run, so that what else the machine does meets them all. */
async function compare(callers: number, runs: number, forMs: number): Promise<void> {
  const rates = new Map<Way, number[]>([ours, reference, pair].map((way) => [way, []]));
  for (let run = 1; run <= runs; run += 1) {
    for (const [way, found] of rates) found.push(await measure(way, callers, forMs));
  }
  const middle = (way: Way): number => median(rates.get(way) ?? []);
  print(`${callers} ${callers === 1 ? "caller" : "callers at once"}: ours ${middle(ours).toFixed()}/s`);
  for (const way of [reference, pair]) {
    const ratios = (rates.get(way) ?? []).map((rate, run) => (rates.get(ours)?.[run] ?? 0) / rate);
    print(`  ${way.name} ${middle(way).toFixed()}/s: ours is ${median(ratios).toFixed(1)} times as fast`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
