// The long form of the crash test: kills the server with -9 at each moment, 50 times each, and counts.
// Usage: node --conditions=@core/source apps/server/torture/kill-nine.ts [rounds]; DATABASE_URL names a Postgres.
import { killMoments, runKillRounds } from "../src/testing/kill-rounds.ts";
import { stdout } from "node:process";

const rounds = Number(process.argv[2] ?? 50);
const url = process.env["DATABASE_URL"];
const env: Record<string, string> = url === undefined ? {} : { DATABASE_URL: url };
let failed = false;

for (const moment of killMoments) {
  const begun = performance.now();
  const report = await runKillRounds({
    moment,
    rounds,
    env,
    random: Math.random,
    onRound: (round) => void (stdout.isTTY && stdout.write(`\r${moment}: ${round} of ${rounds}`)),
  });
  const { kills, accepted, delivered, duplicates, faults } = report;
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
  stdout.write(
    `\r${moment}: ${kills} kills, ${accepted} accepted, ${delivered} delivered, ${duplicates} duplicates, ${faults.length} faults, ${seconds} s\n`,
  );
  for (const fault of faults) stdout.write(`  ${fault}\n`);
  failed ||= faults.length > 0 || delivered !== accepted;
}
process.exitCode = failed ? 1 : 0;
