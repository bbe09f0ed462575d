import { toolCallResult } from "@core/integrations-state";
import type { Logger } from "@core/registry";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { CommandError } from "../commands/command.ts";
import type { ServedTool } from "./served-tool.ts";
import type { ToolSource } from "./tool-source.ts";
import { ServerGoneError } from "./tool-source.ts";

/**
 * Tools that find their server again after it was restarted or stopped. A call that it never got, or may get twice, is
 * made once more where the tools are now. What is offered stays what it was at first.
 */
export async function openFollowingTools(
  open: () => Promise<ToolSource>,
  logger: Logger,
): Promise<ToolSource> {
  const first = await open();
  let current = Promise.resolve(first);
  return {
    tools: first.tools.map((tool) => ({
      ...tool,
      call: (...call) => followed(tool, call).catch(plainFault),
    })),
    place: first.place,
    [Symbol.asyncDispose]: async () => (await current)[Symbol.asyncDispose](),
  };

  async function followed(tool: ServedTool, call: Call): Promise<CallToolResult> {
    const asked = current;
    try {
      return await callIn(await asked, tool, call);
    } catch (error) {
      if (!(error instanceof ServerGoneError) || call[1].signal.aborted) throw error;
      // Of several calls that fail together, one looks for the server.
      if (current === asked) current = asked.then(reopened);
      if (error.mayHaveArrived && !tool.annotations.idempotentHint) throw error;
      return callIn(await current, tool, call);
    }
  }

  async function reopened(old: ToolSource): Promise<ToolSource> {
    try {
      const found = await open();
      await old[Symbol.asyncDispose]();
      logger.info({ place: found.place }, "The tools are found again.");
      return found;
    } catch (error) {
      logger.warn({ err: error }, "The tools are not found again yet.");
      return old;
    }
  }
}

type Call = Parameters<ServedTool["call"]>;

async function callIn({ tools }: ToolSource, { name }: ServedTool, call: Call): Promise<CallToolResult> {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined)
    throw new CommandError(`${name} is not offered any more: the server was restarted with other settings.`);
  return tool.call(...call);
}

function plainFault(error: unknown): CallToolResult {
  if (!(error instanceof CommandError)) throw error;
  const isUncertain = error instanceof ServerGoneError && error.mayHaveArrived;
  const hint = isUncertain
    ? "It may have been done all the same. Look at integrations_state before you try again."
    : "Nothing was done. Try again in a moment, or tell whoever runs this server.";
  return toolCallResult({ isError: true, fault: { code: "TOOL_FAILED", message: error.message, hint } });
}
