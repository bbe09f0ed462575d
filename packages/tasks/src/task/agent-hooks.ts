import type {
  AgentEvent,
  AgentRunOptions,
  ExecutionConfig,
  HookContext,
  HookData,
  Hooks,
  TaskResult,
} from "@core/registry";

/** What an agent is given after `before_context_assembly`. */
interface AssembledContext {
  readonly prompt: string;
  readonly execution: ExecutionConfig;
}

/** The hooks of one run of an agent, whose events tell and ask them. */
export interface RunHooks {
  assemble(context: AssembledContext): Promise<AssembledContext>;
  readonly allowTool: AgentRunOptions["allowTool"];
  told(event: AgentEvent): void;
  /** Null: it failed. */
  ended(result: TaskResult | null): void;
}

export function createRunHooks(hooks: Hooks, context: HookContext): RunHooks {
  let toolCalls = 0;

  return {
    async assemble({ prompt, execution }) {
      const { system_preamble: preamble = "" } = execution;
      const given = { user_message: prompt, system_preamble: preamble, execution };
      const answer = await hooks.waterfall("before_context_assembly", context, given);
      const { user_message, system_preamble, execution: how } = usable(answer, given);
      const { system_preamble: _, ...rest } = how;
      return { prompt: user_message, execution: { ...rest, ...(system_preamble && { system_preamble }) } };
    },
    allowTool: (call) => hooks.gate("before_tool_execution", context, call),
    told,
    ended: (result) =>
      hooks.emit("after_response", context, {
        response_length: result?.text.length ?? 0,
        tool_calls_made: toolCalls,
        error: result === null,
      }),
  };

  function told(event: AgentEvent): void {
    switch (event.type) {
      case "llm_start": {
        const { type: _, ...call } = event;
        return hooks.emit("before_llm_call", context, call);
      }
      case "llm_end": {
        const { type: _, ...call } = event;
        return hooks.emit("after_llm_call", context, call);
      }
      case "tool_end": {
        const { tool_name, tool_args, result, duration_ms, error } = event;
        toolCalls += 1;
        return hooks.emit("after_tool_call", context, { tool_name, tool_args, result, duration_ms, error });
      }
      case "text":
      case "tool_start":
      case "file":
        return;
    }
  }
}

type ContextData = HookData<"before_context_assembly">;

/** A listener without types may have left fields out or written nonsense; then what was given stays. */
function usable(answer: Partial<ContextData>, given: ContextData): ContextData {
  const { user_message: message, system_preamble: preamble, execution } = answer;
  return {
    user_message: typeof message === "string" ? message : given.user_message,
    system_preamble: typeof preamble === "string" ? preamble : given.system_preamble,
    execution: typeof execution === "object" && execution !== null ? execution : given.execution,
  };
}
