#!/usr/bin/env node
import packageJson from "../package.json" with { type: "json" };
import { readCommandLine } from "./command-line.ts";
import { exitCodes } from "./commands/command.ts";
import { commands } from "./commands/commands.ts";
import { runCommand } from "./commands/run-command.ts";

// A reader that goes away, such as `head`, must not end the server.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const { version } = packageJson;
const asked = readCommandLine(process.argv.slice(2), commands, version);
if (asked.action === "refuse") {
  process.stderr.write(`${asked.text}\n`);
  process.exit(exitCodes.wrongUsage);
} else if (asked.action === "print") process.stdout.write(`${asked.text}\n`);
else process.exit(await runCommand({ ...asked, version }));
