import type { ExecutionConfig } from "./execution-config.ts";
import type { HookContext } from "./hook-events.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { FileRef, TaskResult } from "./task-result.ts";

/** Executes agent tasks. `signal` is aborted at a timeout, a cancel, a lost lease and a stop; a run then ends soon. */
export interface AgentRunner {
  run(input: AgentInput, options: AgentRunOptions): Promise<TaskResult>;
}

export interface AgentRunOptions {
  readonly signal: AbortSignal;
  /** Tells what happens while it happens; must not throw. */
  readonly onEvent: (event: AgentEvent) => void;
}

export interface AgentInput {
  readonly task_id: string;
  readonly prompt: string;
  /** 1 on the first run of the task. */
  readonly attempt: number;
  readonly context: HookContext;
  readonly execution: ExecutionConfig;
}

export type AgentEvent =
  | { readonly type: "text"; readonly delta: string }
  | { readonly type: "tool_start"; readonly tool_name: string; readonly tool_args: JsonObject }
  | {
      readonly type: "tool_end";
      readonly tool_name: string;
      readonly duration_ms: number;
      readonly output?: JsonValue;
    }
  | { readonly type: "file"; readonly file: FileRef }
  | { readonly type: "usage"; readonly input_tokens: number; readonly output_tokens: number };
