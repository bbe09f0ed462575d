// What it costs to tell webhooks of an event, beside a bare loop that signs the same bodies: pnpm benchmark:webhooks
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { median } from "../tasks/measuring/statistics.ts";
import type { Endpoint, Side } from "./sides.ts";
import { bare, ours } from "./sides.ts";
import type { Sink } from "./sink.ts";
import { startSink } from "./sink.ts";

const usage = `pnpm benchmark:webhooks [--endpoints 100] [--events 100] [--runs 9]`;
const GOAL = 0.7;
const payload = { task_id: "019aa3c4", text: "A result of some length. ".repeat(56) };

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<void> {
  const { endpoints, events, runs } = understand(words);
  const sink = await startSink(endpoints);
  const targets = sink.origins.map((origin): Endpoint => ({
    url: `${origin}/hook`,
    secret: `whsec_${randomBytes(32).toString("base64")}`,
  }));
  const sides = [await bare(targets), await ours(targets)] as const;
  try {
    for (const side of sides) await measure(side, sink, endpoints, events);
    const ratios: number[] = [];
    for (let run = 1; run <= runs; run += 1) {
      const [loop, emit] = [
        await measure(sides[0], sink, endpoints, events),
        await measure(sides[1], sink, endpoints, events),
      ];
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

/** Deliveries per second; every one of them has been counted by the sink. */
async function measure(side: Side, sink: Sink, endpoints: number, events: number): Promise<number> {
  const before = await sink.received();
  const begun = performance.now();
  for (let event = 0; event < events; event += 1) await side.emit({ ...payload, event });
  const took = performance.now() - begun;
  const arrived = (await sink.received()) - before;
  if (arrived !== endpoints * events) throw new Error(`${arrived} of ${endpoints * events} arrived.`);
  return (arrived / took) * 1_000;
}

function two(value: number): string {
  return value.toFixed(2);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
