import type { AgentEvent, AgentRunner, Hooks, TaskResult } from "@core/registry";
import { createHooks } from "@core/registry";
import { createRunHooks } from "./agent-hooks.ts";
import { hookContextOf } from "./hook-context.ts";
import { NonRetryable } from "./task-failure.ts";
import type { TaskHandler } from "./task-run.ts";
import type { Task } from "./task.ts";

export interface AgentHandlerOptions {
  /** Told and asked what the agent does, but for `after_task_complete`, which `createTasks` tells. */
  readonly hooks?: Hooks;
  /** Told what the agent does while it does it; what it throws is logged. */
  readonly onEvent?: (task: Task, event: AgentEvent) => void;
}

/**
 * Runs tasks of type `agent`: their prompt, as `before_context_assembly` leaves it, goes to the runner, and its result
 * becomes the task's. What the runner tells of its text is shown where the result goes, if that is possible there.
 */
export function agentHandler(runner: AgentRunner, options: AgentHandlerOptions = {}): TaskHandler {
  const { hooks = createHooks() } = options;
  return async (task, { signal, logger, stream }) => {
    if (task.prompt === null) throw new NonRetryable("An agent task needs a prompt.");
    const { id: task_id, prompt, attempt, execution_config: execution } = task;
    const context = hookContextOf(task);
    const run = createRunHooks(hooks, context);
    const assembled = await run.assemble({ prompt, execution: execution ?? {} });
    signal.throwIfAborted();
    const onEvent = (event: AgentEvent): void => {
      run.told(event);
      if (event.type === "text") stream().append(event.delta);
      try {
        options.onEvent?.(task, event);
      } catch (error) {
        logger.error({ err: error, event: event.type }, "onEvent failed.");
      }
    };
    const input = { task_id, attempt, context, ...assembled };
    const running = Promise.resolve(runner.run(input, { signal, onEvent, allowTool: run.allowTool }));
    const answered = running.then(assertResult);
    const finish = (): Promise<void> => stream().finish();
    await answered.then(finish, finish);
    const result = await answered.catch((error: unknown) => {
      run.ended(null);
      throw error;
    });
    run.ended(result);
    return result;
  };
}

/** A runner without types may give back anything. */
function assertResult(result: unknown): TaskResult {
  if (typeof result === "object" && result !== null && "text" in result && typeof result.text === "string") {
    return result as TaskResult;
  }
  throw new NonRetryable("The agent gave back no result. Let its run return { text, files, actions }.");
}
