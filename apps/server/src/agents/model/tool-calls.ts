import type { AgentRunOptions, Clock, JsonObject } from "@core/registry";
import { jsonSchema, tool } from "ai";
import type { ToolModelMessage, ToolResultPart, ToolSet, TypedToolCall } from "ai";
import { gatedTool } from "../gated-tool.ts";
import type { ToolOutcome } from "../gated-tool.ts";
import type { AgentTool } from "./agent-tool.ts";

/** The tools as a model is told of them; calling them is left to `answerToolCalls`. */
export function offeredTools(tools: readonly AgentTool[]): ToolSet {
  return Object.fromEntries(
    tools.map(({ name, description, parameters }) => [
      name,
      tool({ description, inputSchema: jsonSchema(parameters as Parameters<typeof jsonSchema>[0]) }),
    ]),
  );
}

export interface AnsweredToolCalls {
  /** What the model is told of its calls. */
  readonly message: ToolModelMessage;
  /** Whether any tool ran, so that another run would have its effects twice. */
  readonly ran: boolean;
}

export interface ToolCallOptions {
  readonly tools: readonly AgentTool[];
  readonly iteration: number;
  readonly runOptions: AgentRunOptions;
  readonly clock: Clock;
}

/** Runs the calls one after the other. One that is refused, fails or cannot be run is told to the model as such. */
export async function answerToolCalls(
  calls: readonly TypedToolCall<ToolSet>[],
  options: ToolCallOptions,
): Promise<AnsweredToolCalls> {
  const content: ToolResultPart[] = [];
  let ran = false;
  for (const call of calls) {
    const outcome = await outcomeOf(call, options);
    ran ||= outcome.ran;
    const { toolCallId, toolName } = call;
    content.push({ type: "tool-result", toolCallId, toolName, output: outputOf(outcome) });
  }
  return { message: { role: "tool", content }, ran };
}

async function outcomeOf(
  { toolName, input }: TypedToolCall<ToolSet>,
  { tools, iteration, runOptions, clock }: ToolCallOptions,
): Promise<ToolOutcome> {
  const called = tools.find(({ name }) => name === toolName);
  const args = isObject(input) ? input : null;
  const call = { tool_name: toolName, tool_args: args ?? {}, iteration };
  if (called !== undefined && args !== null) {
    const { signal } = runOptions;
    return gatedTool(call, () => called.execute(args, { signal }), runOptions, clock);
  }
  const error =
    called === undefined
      ? `There is no tool "${toolName}". The tools are: ${tools.map(({ name }) => name).join(", ") || "none"}.`
      : "The arguments are not a JSON object.";
  runOptions.onEvent({ type: "tool_end", ...call, duration_ms: 0, result: null, error });
  return { result: null, error, ran: false };
}

function outputOf({ result, error }: ToolOutcome): ToolResultPart["output"] {
  if (error !== null) return { type: "error-text", value: error };
  return { type: "text", value: typeof result === "string" ? result : JSON.stringify(result) };
}

/** Arguments come out of JSON, so that their values are JSON too. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
