/** How a task is run: one time, without changing the bot. */
export interface ExecutionConfig {
  readonly system_preamble?: string;
  readonly skills?: readonly string[];
  readonly tools?: readonly string[];
  readonly model_override?: string;
  readonly fallback_models?: readonly string[];
}
