// Replies into a Slack on loopback that drops connections, is too busy or away, from a server that is killed with -9
// every few seconds.
// Usage: node --conditions=@core/source apps/server/torture/kill-slack.ts [tasks] [seed]; DATABASE_URL names a Postgres.
import { stdout } from "node:process";
import { runSlackKills } from "../src/testing/slack-kill-run.ts";

const tasks = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const url = process.env["DATABASE_URL"];
const begun = performance.now();
stdout.write(`seed ${seed}\n`);
const { accepted, kills, disturbed, delivered, held, retried, faults } = await runSlackKills({
  tasks,
  killEveryMs: 2_500,
  chaos: {
    seed,
    dropBefore: 0.05,
    dropAfter: 0.05,
    rateLimited: 0.1,
    unavailable: 0.05,
    late: 0.7,
  },
  env: url === undefined ? {} : { DATABASE_URL: url },
  random: Math.random,
  onProgress: (line) => void stdout.write(`${line}\n`),
});
const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
stdout.write(
  `${accepted} accepted, ${kills} kills, ${disturbed} calls disturbed: ${delivered} delivered once, ${held} held, ${retried} took more than one attempt, ${faults.length} faults, ${seconds} s\n`,
);
for (const fault of faults) stdout.write(`  ${fault}\n`);
process.exitCode = faults.length > 0 || delivered + held !== accepted ? 1 : 0;
