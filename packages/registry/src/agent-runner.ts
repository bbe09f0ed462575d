import type { ExecutionConfig } from "./execution-config.ts";
import type { GateDecision, HookContext } from "./hook-events.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { FileRef, TaskResult } from "./task-result.ts";

/** Executes agent tasks. `signal` is aborted at a timeout, a cancel, a lost lease and a stop; a run then ends soon. */
export interface AgentRunner {
  run(input: AgentInput, options: AgentRunOptions): Promise<TaskResult>;
}

export interface AgentRunOptions {
  readonly signal: AbortSignal;
  /** Tells what happens while it happens; must not throw. Whoever calls the runner makes hooks and streams of it. */
  readonly onEvent: (event: AgentEvent) => void;
  /** Asks the gates, before each call of a tool, whether it may run; a refused one must not. */
  readonly allowTool: (call: ToolCall) => Promise<GateDecision>;
}

export interface AgentInput {
  readonly task_id: string;
  readonly prompt: string;
  /** 1 on the first run of the task. */
  readonly attempt: number;
  readonly context: HookContext;
  readonly execution: ExecutionConfig;
}

/** A tool that the model wants to call. */
export interface ToolCall {
  readonly tool_name: string;
  readonly tool_args: JsonObject;
  /** The call of the model that asked for it, counted from 1 within a run. */
  readonly iteration: number;
}

/** What a runner tells, in the order in which it happens. */
export type AgentEvent =
  | {
      readonly type: "llm_start";
      readonly model: string;
      readonly provider_id: string | null;
      readonly message_count: number;
      readonly tools_count: number;
      readonly iteration: number;
    }
  | { readonly type: "text"; readonly delta: string }
  | {
      readonly type: "llm_end";
      /** The one that answered. */
      readonly model: string;
      readonly duration_ms: number;
      readonly input_tokens: number;
      readonly output_tokens: number;
      readonly iteration: number;
      /** The model asked for first, when another one answered. */
      readonly fallback_from: string | null;
    }
  | ({ readonly type: "tool_start" } & ToolCall)
  | ({
      readonly type: "tool_end";
      readonly duration_ms: number;
      readonly result: JsonValue;
      /** Why it failed or was refused; null when it did its work. */
      readonly error: string | null;
    } & ToolCall)
  | { readonly type: "file"; readonly file: FileRef };
