import type { IntegrationTool, ToolAnnotations } from "@core/integrations-state";
import { toolCallResult } from "@core/integrations-state";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { z } from "zod";

/** A tool as the protocol carries it, wherever its work is done. */
export interface ServedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  readonly annotations: ToolAnnotations;
  /** Checks the arguments itself. */
  call(args: unknown, options: { readonly signal: AbortSignal }): Promise<CallToolResult>;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Tools whose work is done in this process. */
export function servedTools(tools: readonly IntegrationTool[]): readonly ServedTool[] {
  return tools.map(({ handler, inputSchema, outputSchema, ...described }) => ({
    ...described,
    inputSchema: z.toJSONSchema(inputSchema),
    outputSchema: z.toJSONSchema(outputSchema),
    call: async (args, options) => toolCallResult(await handler(args, options)),
  }));
}
