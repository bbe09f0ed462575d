import type { AgentEvent, AgentRunner } from "@core/registry";
import { NonRetryable } from "./task-failure.ts";
import type { TaskHandler } from "./task-run.ts";
import type { Task } from "./task.ts";

export interface AgentHandlerOptions {
  /** Told what the agent does while it does it. */
  readonly onEvent?: (task: Task, event: AgentEvent) => void;
}

/** Runs tasks of type `agent`: their prompt goes to the runner, and its result becomes the task's. */
export function agentHandler(runner: AgentRunner, options: AgentHandlerOptions = {}): TaskHandler {
  return (task, { signal }) => {
    if (task.prompt === null) throw new NonRetryable("An agent task needs a prompt.");
    const input = {
      task_id: task.id,
      prompt: task.prompt,
      attempt: task.attempt,
      context: {
        bot_id: task.bot_id,
        session_id: task.session_id,
        channel_id: task.channel_id,
        client_id: null,
        correlation_id: task.correlation_id,
        origin: task.origin,
      },
      execution: task.execution_config ?? {},
    };
    return runner.run(input, { signal, onEvent: (event) => options.onEvent?.(task, event) });
  };
}
