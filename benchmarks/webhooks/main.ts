// What it costs to tell webhooks of an event, beside a bare loop that signs the same bodies: pnpm benchmark:webhooks
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { median } from "../tasks/measuring/statistics.ts";
import type { Side } from "./sides.ts";
import { bare, ours } from "./sides.ts";
import type { Sink } from "./sink.ts";
import { startSink } from "./sink.ts";

const usage = `pnpm benchmark:webhooks [--endpoints 100] [--events 100] [--runs 9]`;
const GOAL = 0.7;
/** Long enough that each side collects its own garbage. */
const EVENTS_IN_A_TURN = 20;
const payload = { task_id: "019aa3c4", text: "A result of some length. ".repeat(56) };

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<void> {
  const { endpoints, events, runs } = understand(words);
  const sink = await startSink();
  const targets = Array.from({ length: endpoints }, (_, index) => ({
    url: `http://endpoint-${index}.test:${sink.port}/hook`,
    secret: `whsec_${randomBytes(32).toString("base64")}`,
  }));
  const sides = [await bare(targets), await ours(targets)] as const;
  try {
    await compare(sides, sink, { endpoints, events });
    const ratios: number[] = [];
    for (let run = 1; run <= runs; run += 1) {
      const [loop, emit] = await compare(sides, sink, { endpoints, events });
      ratios.push(emit / loop);
      print(`run ${run}: bare ${loop.toFixed()}/s, ours ${emit.toFixed()}/s, ratio ${two(emit / loop)}`);
    }
    const ratio = median(ratios);
    print(`${endpoints} endpoints: median ratio ${two(ratio)}, goal ${two(GOAL)}`);
    process.exitCode = ratio >= GOAL ? 0 : 1;
  } finally {
    for (const side of sides) await side.close();
    sink.close();
  }
}

function understand(words: readonly string[]): { endpoints: number; events: number; runs: number } {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: [...words], options: { endpoints: text, events: text, runs: text } });
  const { endpoints = 100, events = 100, runs = 9 } = values;
  const given = { endpoints: Number(endpoints), events: Number(events), runs: Number(runs) };
  if (Object.values(given).every((value) => Number.isInteger(value) && value > 0)) return given;
  print(usage);
  return process.exit(2);
}

/** Deliveries per second of both sides, which take turns, so that what else the machine does meets both. */
async function compare(
  sides: readonly [Side, Side],
  sink: Sink,
  { endpoints, events }: { readonly endpoints: number; readonly events: number },
): Promise<readonly [number, number]> {
  const took = [0, 0] as [number, number];
  const before = await sink.received();
  const turns = Math.ceil(events / EVENTS_IN_A_TURN);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [index, side] of sides.entries()) {
      const begun = performance.now();
      for (let event = 0; event < EVENTS_IN_A_TURN; event += 1) await side.emit({ ...payload, turn, event });
      took[index as 0 | 1] += performance.now() - begun;
    }
  }
  const expected = endpoints * turns * EVENTS_IN_A_TURN;
  const arrived = (await sink.received()) - before;
  if (arrived !== 2 * expected) throw new Error(`${arrived} of ${2 * expected} requests arrived.`);
  return [(expected / took[0]) * 1_000, (expected / took[1]) * 1_000];
}

function two(value: number): string {
  return value.toFixed(2);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
