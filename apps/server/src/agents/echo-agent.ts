import { textResult } from "@core/registry";
import type { AgentRunner } from "@core/registry";

/** An agent that answers with the prompt: for a first start, demos and tests. */
export function createEchoAgent(): AgentRunner {
  return {
    async run({ prompt }, { signal, onEvent }) {
      signal.throwIfAborted();
      onEvent({ type: "text", delta: prompt });
      return textResult(prompt);
    },
  };
}
