import type { AgentRunner } from "@core/registry";
import { createManualClock } from "@core/testing";
import type { AgentTool } from "../agents/model/agent-tool.ts";
import { createOpenAiCompatibleAgent } from "../agents/model/openai-compatible-agent.ts";
import type { OpenAiCompatibleAgentOptions } from "../agents/model/openai-compatible-agent.ts";
import type { OpenAiEndpoint } from "./openai-endpoint.ts";

export const MODEL_KEY = "sk-very-secret";

/** An agent with the model `small` behind an endpoint, and a clock that stands still. */
export function modelAgent(
  { baseUrl }: OpenAiEndpoint,
  options: Partial<OpenAiCompatibleAgentOptions> = {},
): AgentRunner {
  const clock = createManualClock(0);
  return createOpenAiCompatibleAgent({ baseUrl, model: "small", apiKey: MODEL_KEY, clock, ...options });
}

/** A tool without fields. */
export function modelTool(name: string, execute: AgentTool["execute"]): AgentTool {
  return { name, description: name, parameters: { type: "object", properties: {} }, execute };
}

/** A call of a tool as a model writes it. */
export function modelCall(name: string, args = "{}"): { readonly name: string; readonly arguments: string } {
  return { name, arguments: args };
}

/** The error that a run ends with. */
export async function failureOf(running: Promise<unknown>): Promise<Error> {
  const error: unknown = await running.catch((thrown: unknown) => thrown);
  if (error instanceof Error) return error;
  throw new Error("It did not fail.", { cause: error });
}
