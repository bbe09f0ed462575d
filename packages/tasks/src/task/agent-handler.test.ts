import type {
  AgentEvent,
  AgentInput,
  AgentRunner,
  HookCall,
  HookListeners,
  Hooks,
  ObserveHook,
  StreamSink,
} from "@core/registry";
import { createHooks, silentLogger, textResult } from "@core/registry";
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
const whose = {
  bot_id: "b",
  session_id: "s",
  channel_id: null,
  client_id: null,
  correlation_id: "c",
  origin: { integration: "chat", ref: { ts: "1" } },
};
const run = {
  signal: new AbortController().signal,
  logger: silentLogger,
  children: () => Promise.resolve([]),
  progress: () => {},
  log: () => {},
  stream: () => ({ append: () => {}, finish: () => Promise.resolve() }),
};
const search = { tool_name: "search", tool_args: { q: "x" }, iteration: 1 };

describe("agentHandler", () => {
  it("gives the task to the runner and the runner's result back", async () => {
    const inputs: AgentInput[] = [];
    const events: [string, AgentEvent][] = [];
    const runner: AgentRunner = {
      async run(input, { signal, onEvent }) {
        inputs.push(input);
        expect(signal).toBe(run.signal);
        onEvent({ type: "text", delta: "h" });
        return textResult("HELLO");
      },
    };
    const handler = agentHandler(runner, { onEvent: ({ id }, event) => events.push([id, event]) });
    await expect(handler(task, run)).resolves.toEqual(textResult("HELLO"));
    expect(inputs).toEqual([
      { task_id: "t1", prompt: "hello", attempt: 2, context: whose, execution: { model_override: "m" } },
    ]);
    expect(events).toEqual([["t1", { type: "text", delta: "h" }]]);
  });

  it("refuses what is no result, and tells so", async () => {
    for (const nonsense of [undefined, "text", {}, { text: 7 }]) {
      const { hooks, told } = recordingHooks();
      const runner = { run: async () => nonsense } as unknown as AgentRunner;
      await expect(agentHandler(runner, { hooks })(task, run)).rejects.toThrow("gave back no result");
      await hooks.flush();
      expect(told.map(({ data }) => data)).toMatchObject([{ error: true }]);
    }
  });

  it("shows the text while it grows, and has finished that before the task ends", async () => {
    for (const fails of [false, true]) {
      const shown: string[] = [];
      const sink: StreamSink = {
        append: (text) => void shown.push(text),
        finish: async () => void shown.push("finished"),
      };
      const runner: AgentRunner = {
        async run(_input, { onEvent }) {
          for (const delta of ["Hel", "lo"]) onEvent({ type: "text", delta });
          if (fails) throw new Error("broken off");
          return textResult("Hello");
        },
      };
      await agentHandler(runner)(task, { ...run, stream: () => sink }).catch(() => {});
      expect(shown).toEqual(["Hel", "lo", "finished"]);
    }
  });

  it("goes on when its listener throws", async () => {
    const onEvent = (): never => {
      throw new Error("broken listener");
    };
    await expect(agentHandler(toolUser(), { onEvent })(task, run)).resolves.toEqual(textResult("found"));
  });

  it("never runs a task without a prompt", async () => {
    const handler = agentHandler({ run: () => Promise.reject(new Error("not reached")) });
    await expect(handler({ ...task, prompt: null }, run)).rejects.toThrow(NonRetryable);
  });
});

describe("the hooks of a run", () => {
  it("may change what the agent is given, one after the other", async () => {
    const hooks = createHooks();
    hooks.on("before_context_assembly", ({ data, context }) => {
      expect(context).toEqual(whose);
      return { ...data, user_message: `${data.user_message}!`, system_preamble: "Be brief." };
    });
    hooks.on("before_context_assembly", ({ data }) => ({
      ...data,
      user_message: data.user_message.toUpperCase(),
    }));
    const inputs: AgentInput[] = [];
    await agentHandler(recorder(inputs), { hooks })(task, run);
    expect(inputs).toMatchObject([
      { prompt: "HELLO!", execution: { model_override: "m", system_preamble: "Be brief." } },
    ]);
  });

  it("that leave fields out or write nonsense change nothing", async () => {
    const hooks = createHooks();
    const nonsense = { user_message: 5, execution: null };
    hooks.on(
      "before_context_assembly",
      (() => nonsense) as unknown as HookListeners["before_context_assembly"],
    );
    const inputs: AgentInput[] = [];
    await agentHandler(recorder(inputs), { hooks })(task, run);
    expect(inputs).toMatchObject([{ prompt: "hello", execution: { model_override: "m" } }]);
  });

  it("see the system preamble of the task and may take it away", async () => {
    const hooks = createHooks();
    hooks.on("before_context_assembly", ({ data }) => {
      expect(data.system_preamble).toBe("Be kind.");
      return { ...data, system_preamble: "" };
    });
    const inputs: AgentInput[] = [];
    const preambled = { ...task, execution_config: { system_preamble: "Be kind." } };
    await agentHandler(recorder(inputs), { hooks })(preambled, run);
    expect(inputs[0]?.execution).toEqual({});
  });

  it("are told what happens, in order and with its data", async () => {
    const { hooks, told } = recordingHooks();
    await agentHandler(toolUser(), { hooks })(task, run);
    await hooks.flush();
    expect(told.map(({ event }) => event)).toEqual([
      "before_llm_call",
      "after_llm_call",
      "after_tool_call",
      "after_response",
    ]);
    expect(told.map(({ data }) => data)).toEqual([
      { model: "m", provider_id: "p", message_count: 2, tools_count: 1, iteration: 1 },
      { model: "m", duration_ms: 5, input_tokens: 3, output_tokens: 1, iteration: 1, fallback_from: null },
      { tool_name: "search", tool_args: { q: "x" }, result: "found", duration_ms: 2, error: null },
      { response_length: 5, tool_calls_made: 1, error: false },
    ]);
    for (const { context } of told) expect(context).toEqual(whose);
  });

  it("may refuse a tool", async () => {
    const hooks = createHooks();
    hooks.on(
      "before_tool_execution",
      ({ data }) => {
        expect(data).toEqual(search);
        return { allow: false, reason: "not today" };
      },
      { owner: "guard" },
    );
    const result = await agentHandler(toolUser(), { hooks })(task, run);
    expect(result).toEqual(textResult("guard: not today"));
  });

  it("are told of a failed run too", async () => {
    const { hooks, told } = recordingHooks();
    const handler = agentHandler({ run: () => Promise.reject(new Error("no model")) }, { hooks });
    await expect(handler(task, run)).rejects.toThrow("no model");
    await hooks.flush();
    expect(told.map(({ data }) => data)).toEqual([{ response_length: 0, tool_calls_made: 0, error: true }]);
  });

  it("that take long keep an aborted run from beginning", async () => {
    const hooks = createHooks();
    const stop = new AbortController();
    hooks.on("before_context_assembly", () => stop.abort(new Error("stopped")));
    const inputs: AgentInput[] = [];
    const handler = agentHandler(recorder(inputs), { hooks });
    await expect(handler(task, { ...run, signal: stop.signal })).rejects.toThrow("stopped");
    expect(inputs).toEqual([]);
  });
});

function recorder(inputs: AgentInput[]): AgentRunner {
  return {
    async run(input) {
      inputs.push(input);
      return textResult("ok");
    },
  };
}

function toolUser(): AgentRunner {
  return {
    async run(_, { onEvent, allowTool }) {
      onEvent({
        type: "llm_start",
        model: "m",
        provider_id: "p",
        message_count: 2,
        tools_count: 1,
        iteration: 1,
      });
      onEvent({
        type: "llm_end",
        model: "m",
        duration_ms: 5,
        input_tokens: 3,
        output_tokens: 1,
        iteration: 1,
        fallback_from: null,
      });
      const decision = await allowTool(search);
      if (!decision.allowed) return textResult(`${decision.by}: ${decision.reason}`);
      onEvent({ type: "tool_start", ...search });
      onEvent({ type: "tool_end", ...search, duration_ms: 2, result: "found", error: null });
      onEvent({ type: "text", delta: "found" });
      return textResult("found");
    },
  };
}

function recordingHooks(): { readonly hooks: Hooks; readonly told: HookCall[] } {
  const hooks = createHooks();
  const told: HookCall[] = [];
  const names: readonly ObserveHook[] = [
    "before_llm_call",
    "after_llm_call",
    "after_tool_call",
    "after_response",
  ];
  for (const name of names) hooks.on(name, (call: HookCall) => void told.push(call));
  return { hooks, told };
}
