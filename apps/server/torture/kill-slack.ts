// Replies into a Slack on loopback that drops connections, from a server that is killed with -9 every few seconds.
// Usage: node --conditions=@core/source apps/server/torture/kill-slack.ts [tasks]; DATABASE_URL names a Postgres.
import { stdout } from "node:process";
import { runSlackKills } from "../src/testing/slack-kill-run.ts";

const tasks = Number(process.argv[2] ?? 200);
const url = process.env["DATABASE_URL"];
const begun = performance.now();
const { accepted, kills, drops, delivered, held, retried, faults } = await runSlackKills({
  tasks,
  killEveryMs: 1_500,
  dropped: 0.1,
  env: url === undefined ? {} : { DATABASE_URL: url },
  random: Math.random,
  onProgress: (line) => void stdout.write(`${line}\n`),
});
const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
stdout.write(
  `${accepted} accepted, ${kills} kills, ${drops} connections dropped: ${delivered} delivered once, ${held} held, ${retried} took more than one attempt, ${faults.length} faults, ${seconds} s\n`,
);
for (const fault of faults) stdout.write(`  ${fault}\n`);
process.exitCode = faults.length > 0 || delivered + held !== accepted ? 1 : 0;
