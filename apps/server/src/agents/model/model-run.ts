import type { AgentInput, AgentRunOptions, Clock, Logger, TaskResult } from "@core/registry";
import type { ModelMessage } from "ai";
import type { AgentTool } from "./agent-tool.ts";
import type { ModelEndpoint } from "./model-endpoint.ts";

/** What the runs of one agent share. */
export interface ModelSettings {
  readonly endpoint: ModelEndpoint;
  readonly model: string;
  readonly tools: readonly AgentTool[];
  /** Calls of the model within one run. */
  readonly maxSteps: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes the key out of a text. */
  readonly withoutKey: (text: string) => string;
}

/** One run and how far it has come. */
export interface ModelRun {
  readonly settings: ModelSettings;
  readonly input: AgentInput;
  readonly runOptions: AgentRunOptions;
  /** Those that this run may use. */
  readonly tools: readonly AgentTool[];
  readonly instructions: string | undefined;
  /** The one asked for, then the others in order. */
  readonly models: readonly string[];
  readonly messages: ModelMessage[];
  /** Which of `models` is asked first; the one that answered goes on. */
  current: number;
  iteration: number;
  /** All that was said: the deltas in a row. */
  text: string;
  toolsRan: boolean;
  /** Null: no call was counted. */
  usage: NonNullable<TaskResult["usage"]> | null;
}

export function startModelRun(
  settings: ModelSettings,
  input: AgentInput,
  runOptions: AgentRunOptions,
): ModelRun {
  const { system_preamble: preamble = "", tools, model_override, fallback_models = [] } = input.execution;
  return {
    settings,
    input,
    runOptions,
    tools: settings.tools.filter(({ name }) => tools === undefined || tools.includes(name)),
    instructions: preamble === "" ? undefined : preamble,
    models: [...new Set([model_override ?? settings.model, ...fallback_models])],
    messages: [{ role: "user", content: input.prompt }],
    current: 0,
    iteration: 0,
    text: "",
    toolsRan: false,
    usage: null,
  };
}
