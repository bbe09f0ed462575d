// What it costs that a delivery is never lost, and what one bad target costs the others: pnpm benchmark:deliveries
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "../tasks/measuring/statistics.ts";
import { makeRunFolder } from "../tasks/run-folder.ts";
import { openServer } from "../tasks/server.ts";
import { webhookDispatcher } from "./bench.ts";
import type { Others, Setting } from "./measurements.ts";
import { measureOthers, measureRate } from "./measurements.ts";
import { startReceiver } from "./receiver.ts";

const usage = `pnpm benchmark:deliveries [--deliveries 20000] [--runs 7] [--url postgres://…]`;

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<void> {
  const { deliveries, runs, url } = understand(words);
  const folder = await makeRunFolder();
  const server = await openServer(url, folder.path);
  const receiver = await startReceiver();
  let made = 0;
  const postgres = async (): Promise<{ url: string }> => ({
    url: await server.createDatabase(`bench_deliveries_${(made += 1)}`),
  });
  const pglite = async (): Promise<{ dataDir: string }> => ({
    dataDir: join(folder.path, `pglite-${(made += 1)}`),
  });
  const shared = { receiver, dispatcher: webhookDispatcher(), deliveries };
  try {
    await compareRates("PostgreSQL", { ...shared, place: postgres }, runs);
    await compareRates("PGlite", { ...shared, place: pglite }, runs);
    await tellOthers("a target that hangs", { ...shared, place: postgres }, "hang", runs);
    await tellOthers("a target that answers 429", { ...shared, place: postgres }, "busy", runs);
  } finally {
    receiver.close();
    await server.close();
    await folder.remove();
  }
  process.exit();
}

function understand(words: readonly string[]): { deliveries: number; runs: number; url: string | null } {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: [...words], options: { deliveries: text, runs: text, url: text } });
  const deliveries = Number(values.deliveries ?? 20_000);
  const runs = Number(values.runs ?? 7);
  if (deliveries > 0 && runs > 0) return { deliveries, runs, url: values.url ?? null };
  print(usage);
  return process.exit(2);
}

async function compareRates(engine: string, setting: Setting, runs: number): Promise<void> {
  const ratios: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const { bare, stored } = await measureRate(setting);
    ratios.push(stored / bare);
    print(
      `${engine}, run ${run}: bare ${bare.toFixed()}/s, stored ${stored.toFixed()}/s, ratio ${two(stored / bare)}`,
    );
  }
  print(`${engine}: median ratio ${two(median(ratios))}`);
}

/** A run is a tenth off as often as not, so the middle ones of both sides are compared. */
async function tellOthers(what: string, setting: Setting, odd: "hang" | "busy", runs: number): Promise<void> {
  const measured: Others[] = [];
  for (let run = 1; run <= runs; run += 1) measured.push(await measureOthers(setting, odd, run));
  const calls = measured.reduce((sum, { early }) => sum + early, 0);
  const about = odd === "busy" ? `, called too early ${calls} times` : "";
  const share = median(measured.map(({ beside }) => beside)) / median(measured.map(({ alone }) => alone));
  print(`Beside ${what} the others keep ${two(share)} of their rate${about}`);
}

function two(value: number): string {
  return value.toFixed(2);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
