import { createLogger } from "../logger.ts";
import { openFollowingTools } from "../mcp/following-tools.ts";
import { openTools } from "../mcp/open-tools.ts";
import { serveOverStdio } from "../mcp/stdio-server.ts";
import type { Command } from "./command.ts";
import { defineCommand, exitCodes } from "./command.ts";

export const mcp: Command = defineCommand({
  name: "mcp",
  summary: "serves the tools for models over its standard input and output",
  operand: null,
  options: {},
  async run(_input, { version, terminal, configuration: read, masking }) {
    const configuration = read();
    // The output belongs to the protocol.
    const write = (line: string): void => void process.stderr.write(line);
    const logger = createLogger({ level: configuration.logLevel, masking, write });
    const options = { configuration, environment: process.env, version, logger };
    const source = await openFollowingTools(() => openTools(options), logger);
    try {
      logger.info({ place: source.place }, "The tools are served.");
      if (process.stdin.isTTY)
        terminal.note("A client of the Model Context Protocol is expected on the input.");
      await serveOverStdio({ tools: source.tools, version, logger });
    } finally {
      await source[Symbol.asyncDispose]();
    }
    return exitCodes.done;
  },
});
