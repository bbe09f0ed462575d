import type { AgentRunner } from "@core/registry";

/** An agent without a model: it looks the answer up with a tool, if it may. */
export const shoutingAgent: AgentRunner = {
  async run({ prompt }, { signal, onEvent, allowTool }) {
    signal.throwIfAborted();
    const call = { tool_name: "upper_case", tool_args: { text: prompt }, iteration: 1 };
    const decision = await allowTool(call);
    if (!decision.allowed) {
      const error = `refused by ${decision.by}: ${decision.reason}`;
      onEvent({ type: "tool_end", ...call, result: null, duration_ms: 0, error });
      return { text: "I may not shout.", files: [], actions: [] };
    }
    onEvent({ type: "tool_start", ...call });
    const text = prompt.toUpperCase();
    onEvent({ type: "tool_end", ...call, result: text, duration_ms: 0, error: null });
    onEvent({ type: "text", delta: text });
    return { text, files: [], actions: [] };
  },
};
