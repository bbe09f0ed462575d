import { IntegrationError } from "@core/registry";

/** Codes of the errors that agents end a task with. None is run again: it might do twice what it did. */
export type AgentErrorCode = "AGENT_COMMAND_NOT_FOUND" | "AGENT_COMMAND_FAILED" | "AGENT_OUTPUT_TOO_LARGE";

export class AgentError extends IntegrationError<AgentErrorCode> {
  override readonly name: string = "AgentError";
}
