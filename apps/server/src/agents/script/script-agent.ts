import { systemClock } from "@core/registry";
import type { AgentInput, AgentRunner, Clock, FilePort } from "@core/registry";
import { AgentError } from "../agent-error.ts";
import { playScene } from "./scene-run.ts";
import type { Scene, Script } from "./script.ts";

export interface ScriptAgentOptions {
  readonly script: Script;
  /** Where files of the script go; without it a script has none. */
  readonly files?: Pick<FilePort, "put">;
  readonly clock?: Clock;
}

/** An agent that plays what a script says, for demos and tests: tokens, tools, files, delays and errors. */
export function createScriptAgent(options: ScriptAgentOptions): AgentRunner {
  const { script, files, clock = systemClock } = options;
  return {
    async run(input, runOptions) {
      runOptions.signal.throwIfAborted();
      const scene = script.scenes.find((candidate) => fits(candidate, input));
      if (scene === undefined) throw noScene(input);
      return playScene(scene.steps, { input, runOptions, files, clock });
    },
  };
}

function fits({ prompt = "", attempt }: Scene, input: AgentInput): boolean {
  return input.prompt.includes(prompt) && (attempt === undefined || attempt === input.attempt);
}

function noScene({ attempt }: AgentInput): AgentError {
  return new AgentError({
    code: "AGENT_SCRIPT_NO_SCENE",
    message: `No scene of the agent's script fits the prompt in attempt ${attempt}. Add one to the file of AGENT_SCRIPT; one without "prompt" and "attempt" fits every run.`,
  });
}
