import type { AgentEvent, AgentInput, AgentRunner } from "@core/registry";
import { silentLogger, textResult } from "@core/registry";
import { describe, expect, it } from "vitest";
import { agentHandler } from "./agent-handler.ts";
import { NonRetryable } from "./task-failure.ts";
import type { Task } from "./task.ts";

const task = {
  id: "t1",
  prompt: "hello",
  attempt: 2,
  bot_id: "b",
  session_id: "s",
  channel_id: null,
  correlation_id: "c",
  origin: { integration: "chat", ref: { ts: "1" } },
  execution_config: { model_override: "m" },
} as Partial<Task> as Task;
const context = { signal: new AbortController().signal, logger: silentLogger };

describe("agentHandler", () => {
  it("gives the task to the runner and the runner's result back", async () => {
    const inputs: AgentInput[] = [];
    const events: [string, AgentEvent][] = [];
    const runner: AgentRunner = {
      async run(input, { signal, onEvent }) {
        inputs.push(input);
        expect(signal).toBe(context.signal);
        onEvent({ type: "text", delta: "h" });
        return textResult("HELLO");
      },
    };
    const handler = agentHandler(runner, { onEvent: ({ id }, event) => events.push([id, event]) });
    await expect(handler(task, context)).resolves.toEqual(textResult("HELLO"));
    expect(inputs).toEqual([
      {
        task_id: "t1",
        prompt: "hello",
        attempt: 2,
        context: {
          bot_id: "b",
          session_id: "s",
          channel_id: null,
          client_id: null,
          correlation_id: "c",
          origin: { integration: "chat", ref: { ts: "1" } },
        },
        execution: { model_override: "m" },
      },
    ]);
    expect(events).toEqual([["t1", { type: "text", delta: "h" }]]);
  });

  it("never runs a task without a prompt", () => {
    const handler = agentHandler({ run: () => Promise.reject(new Error("not reached")) });
    expect(() => handler({ ...task, prompt: null }, context)).toThrow(NonRetryable);
  });
});
