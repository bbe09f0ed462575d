import { silentLogger, systemClock } from "@core/registry";
import type { AgentRunner, Clock, Logger, TaskResult } from "@core/registry";
import { AgentError } from "../agent-error.ts";
import type { AgentTool } from "./agent-tool.ts";
import { callModel } from "./model-call.ts";
import { createModelEndpoint } from "./model-endpoint.ts";
import type { ModelRun, ModelSettings } from "./model-run.ts";
import { startModelRun } from "./model-run.ts";
import { answerToolCalls } from "./tool-calls.ts";

export interface OpenAiCompatibleAgentOptions {
  /** Where the API begins, such as `https://api.example.org/v1`. */
  readonly baseUrl: string;
  /** The model of runs that ask for no other. */
  readonly model: string;
  readonly apiKey: string | null;
  /** What the model may call; a run's `execution.tools` makes a choice of them. Default: none. */
  readonly tools?: readonly AgentTool[];
  /** How often a run may call the model. Default 20. */
  readonly maxSteps?: number;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  /** Told what an endpoint says that does not answer. Default: silent. */
  readonly logger?: Logger;
}

/**
 * An agent that asks a model behind an API compatible with OpenAI's chat completions. Retries are the queue's: a failure
 * that may pass is thrown as one, unless tools have run, whose effects another run would have twice.
 */
export function createOpenAiCompatibleAgent(options: OpenAiCompatibleAgentOptions): AgentRunner {
  const { baseUrl, model, apiKey, fetch = globalThis.fetch } = options;
  const settings: ModelSettings = {
    endpoint: createModelEndpoint({ baseUrl, apiKey, fetch }),
    model,
    tools: options.tools ?? [],
    maxSteps: options.maxSteps ?? 20,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    withoutKey: (text) => (apiKey === null ? text : text.replaceAll(apiKey, "***")),
  };
  return {
    async run(input, runOptions) {
      runOptions.signal.throwIfAborted();
      return runToEnd(startModelRun(settings, input, runOptions));
    },
  };
}

async function runToEnd(run: ModelRun): Promise<TaskResult> {
  const { settings, runOptions, tools, messages } = run;
  for (;;) {
    const answer = await callModel(run);
    if (answer.toolCalls.length === 0) break;
    if (run.iteration >= settings.maxSteps) throw stepsExhausted(settings.maxSteps);
    const options = { tools, iteration: run.iteration, runOptions, clock: settings.clock };
    const answered = await answerToolCalls(answer.toolCalls, options);
    run.toolsRan ||= answered.ran;
    messages.push(...answer.messages, answered.message);
  }
  const { text, usage } = run;
  return { text, files: [], actions: [], ...(usage === null ? {} : { usage }) };
}

function stepsExhausted(maxSteps: number): AgentError {
  return new AgentError({
    code: "AGENT_STEPS_EXHAUSTED",
    message: `The model still asked for tools after ${maxSteps} calls, and the run was ended. Ask for less at once.`,
    details: { maxSteps },
  });
}
