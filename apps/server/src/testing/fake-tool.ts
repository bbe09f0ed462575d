import type { ServedTool } from "../mcp/served-tool.ts";

/** A tool that takes anything and does what it is told. */
export function fakeTool(
  name: string,
  call: ServedTool["call"] = async () => ({ content: [] }),
  isIdempotent = false,
): ServedTool {
  return {
    name,
    title: name,
    description: `The tool ${name}.`,
    inputSchema: { type: "object" },
    outputSchema: { type: "object" },
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: isIdempotent,
      openWorldHint: false,
    },
    call,
  };
}
