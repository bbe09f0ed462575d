import { IntegrationError } from "@core/registry";
import { RetryAfter } from "@core/tasks";

/** Codes of the errors that agents end a run with. */
export type AgentErrorCode =
  | "AGENT_COMMAND_NOT_FOUND"
  | "AGENT_COMMAND_FAILED"
  | "AGENT_OUTPUT_TOO_LARGE"
  | "AGENT_MODEL_ANSWER_INVALID"
  | "AGENT_MODEL_REFUSED"
  | "AGENT_MODEL_UNAVAILABLE"
  | "AGENT_SCRIPT_ERROR"
  | "AGENT_SCRIPT_NO_FILES"
  | "AGENT_SCRIPT_NO_SCENE"
  | "AGENT_STEPS_EXHAUSTED";

/** Ends a task that is not run again: it might do twice what it did, or fail as before. */
export class AgentError extends IntegrationError<AgentErrorCode> {
  override readonly name: string = "AgentError";
}

export interface AgentRetryOptions {
  readonly code: AgentErrorCode;
  readonly message: string;
  /** The task is not run earlier than this; 0 leaves it to the queue. */
  readonly retryAfterMs: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Ends a run whose task may be run again: an error of the family that the queue also reads as a `RetryAfter`. */
export class AgentRetry extends RetryAfter {
  readonly code: AgentErrorCode;
  readonly retryable = true;
  readonly details: Readonly<Record<string, unknown>>;

  constructor({ code, message, retryAfterMs, details = {} }: AgentRetryOptions) {
    super(retryAfterMs, message);
    this.name = "AgentRetry";
    this.code = code;
    this.details = details;
  }
}
