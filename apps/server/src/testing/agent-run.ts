import type { AgentEvent, AgentInput, AgentRunOptions } from "@core/registry";

/** The input of a run: the first attempt of `task-1`, of nobody in particular. */
export function agentInput(fields: Partial<AgentInput> = {}): AgentInput {
  const context = {
    bot_id: null,
    session_id: null,
    channel_id: null,
    client_id: null,
    correlation_id: null,
    origin: null,
  };
  return { task_id: "task-1", prompt: "Hello", attempt: 1, context, execution: {}, ...fields };
}

/** Options of a run that remember its events. */
export interface RecordedRun extends AgentRunOptions {
  readonly events: readonly AgentEvent[];
}

/** By default nothing aborts the run and every tool is allowed. */
export function recordedRun(options: Partial<AgentRunOptions> = {}): RecordedRun {
  const events: AgentEvent[] = [];
  return {
    events,
    signal: new AbortController().signal,
    allowTool: async () => ({ allowed: true }),
    ...options,
    onEvent(event) {
      events.push(event);
      options.onEvent?.(event);
    },
  };
}

/** What was said, as one text. */
export function textOf(events: readonly AgentEvent[]): string {
  return events.map((event) => (event.type === "text" ? event.delta : "")).join("");
}
