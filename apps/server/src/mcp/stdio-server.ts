import type { Logger } from "@core/registry";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { McpServerOptions } from "./mcp-server.ts";
import { mcpServerFactory } from "./mcp-server.ts";

export interface StdioServerOptions extends McpServerOptions {
  readonly logger: Logger;
}

/**
 * Speaks the protocol over this process's standard input and output until the input ends or the process is told to
 * stop. Nothing else may write to the output meanwhile.
 */
export async function serveOverStdio(options: StdioServerOptions): Promise<void> {
  const { logger } = options;
  const ended = untilEnd();
  const { close } = serveStdio(mcpServerFactory(options), {
    onerror: (error) => logger.warn({ err: error }, "A message was refused or could not be carried."),
  });
  const reason = await ended;
  logger.info({ reason }, "The tools are no longer served.");
  await close();
}

/** A second signal ends the process, as without a listener. */
function untilEnd(): Promise<string> {
  return new Promise((resolve) => {
    for (const event of ["end", "close"]) process.stdin.once(event, () => resolve("the input ended"));
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  });
}
