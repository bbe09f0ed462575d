import type { AgentEvent, AgentRunner, HookContext, Hooks } from "@core/registry";
import { createHooks } from "@core/registry";
import { createRunHooks } from "./agent-hooks.ts";
import { NonRetryable } from "./task-failure.ts";
import type { TaskHandler } from "./task-run.ts";
import type { Task } from "./task.ts";

export interface AgentHandlerOptions {
  /** Told and asked what the agent does, but for `after_task_complete`, which `createTasks` tells. */
  readonly hooks?: Hooks;
  /** Told what the agent does while it does it. */
  readonly onEvent?: (task: Task, event: AgentEvent) => void;
}

/**
 * Runs tasks of type `agent`: their prompt, as `before_context_assembly` leaves it, goes to the runner, and its result
 * becomes the task's.
 */
export function agentHandler(runner: AgentRunner, options: AgentHandlerOptions = {}): TaskHandler {
  const { hooks = createHooks() } = options;
  return async (task, { signal }) => {
    if (task.prompt === null) throw new NonRetryable("An agent task needs a prompt.");
    const { id: task_id, prompt, attempt, execution_config: execution } = task;
    const context = hookContextOf(task);
    const run = createRunHooks(hooks, context);
    const assembled = await run.assemble({ prompt, execution: execution ?? {} });
    signal.throwIfAborted();
    const onEvent = (event: AgentEvent): void => {
      run.told(event);
      options.onEvent?.(task, event);
    };
    try {
      const input = { task_id, attempt, context, ...assembled };
      const result = await runner.run(input, { signal, onEvent, allowTool: run.allowTool });
      run.ended(result);
      return result;
    } catch (error) {
      run.ended(null);
      throw error;
    }
  };
}

/** Whose work the events of a task belong to. */
export function hookContextOf(task: Task): HookContext {
  const { bot_id, session_id, channel_id, correlation_id, origin } = task;
  return { bot_id, session_id, channel_id, client_id: null, correlation_id, origin };
}
