import { describe, expect, test, vi } from "vitest";
import { createManualClock } from "@core/testing";
import { agentInput, recordedRun, textOf } from "../../testing/agent-run.ts";
import { failureOf, modelAgent, modelCall, modelTool } from "../../testing/model-agent.ts";
import { startOpenAiEndpoint } from "../../testing/openai-endpoint.ts";
import type { OpenAiEndpoint } from "../../testing/openai-endpoint.ts";
import type { AgentTool } from "./agent-tool.ts";

describe("tools of a model", () => {
  test("are asked for, run in order, told, and their results sent back", async () => {
    const asked = {
      text: ["Let me see."],
      toolCalls: [modelCall("add", '{"a":1,"b":2}'), modelCall("greet", '{"name":"Ada"}')],
    };
    await using endpoint = await startOpenAiEndpoint(asked, { text: ["It is 3."] });
    const clock = createManualClock(0);
    const tools = [
      modelTool("add", async ({ a, b }) => {
        await clock.elapse(20);
        return { sum: Number(a) + Number(b) };
      }),
      modelTool("greet", async ({ name }) => `Hi ${JSON.stringify(name)}`),
    ];
    const run = recordedRun();
    const result = await modelAgent(endpoint, { tools, clock }).run(agentInput(), run);
    expect(result).toMatchObject({
      text: "Let me see.\n\nIt is 3.",
      usage: { input_tokens: 20, output_tokens: 10 },
    });
    expect(textOf(run.events)).toBe(result.text);
    const add = { tool_name: "add", tool_args: { a: 1, b: 2 }, iteration: 1 };
    const greet = { tool_name: "greet", tool_args: { name: "Ada" }, iteration: 1 };
    expect(run.events).toMatchObject([
      { type: "llm_start", iteration: 1, message_count: 1, tools_count: 2 },
      { type: "text" },
      { type: "llm_end", iteration: 1 },
      { type: "tool_start", ...add },
      { type: "tool_end", ...add, result: { sum: 3 }, error: null, duration_ms: 20 },
      { type: "tool_start", ...greet },
      { type: "tool_end", ...greet, result: 'Hi "Ada"', error: null, duration_ms: 0 },
      { type: "llm_start", iteration: 2, message_count: 3, tools_count: 2 },
      { type: "text" },
      { type: "llm_end", iteration: 2 },
    ]);
    expect(endpoint.requests[0]?.body["tools"]).toMatchObject([
      { type: "function", function: { name: "add", description: "add", parameters: { type: "object" } } },
      { type: "function", function: { name: "greet" } },
    ]);
    expect(endpoint.requests[1]?.body.messages).toMatchObject([
      { role: "user" },
      { role: "assistant", content: "Let me see.", tool_calls: [{ id: "call-1" }, { id: "call-2" }] },
      { role: "tool", tool_call_id: "call-1", content: '{"sum":3}' },
      { role: "tool", tool_call_id: "call-2", content: 'Hi "Ada"' },
    ]);
  });

  test("that are refused do not run, and the model learns why", async () => {
    await using endpoint = await startOpenAiEndpoint(
      { toolCalls: [modelCall("drop")] },
      { text: ["Sorry."] },
    );
    const execute = vi.fn<AgentTool["execute"]>();
    const run = recordedRun({
      allowTool: async () => ({ allowed: false, reason: "too dangerous", by: "guard" }),
    });
    await modelAgent(endpoint, { tools: [modelTool("drop", execute)] }).run(agentInput(), run);
    expect(execute).not.toHaveBeenCalled();
    expect(run.events.filter(({ type }) => type.startsWith("tool"))).toEqual([
      {
        type: "tool_end",
        tool_name: "drop",
        tool_args: {},
        iteration: 1,
        duration_ms: 0,
        result: null,
        error: "refused by guard: too dangerous",
      },
    ]);
    expect(toolMessages(endpoint)).toEqual(["refused by guard: too dangerous"]);
  });

  test.each([
    ["that do not exist", modelCall("fly"), 'There is no tool "fly". The tools are: fail.'],
    ["that are called with no object", modelCall("fail", "[1]"), "The arguments are not a JSON object."],
    ["that are called with no JSON", modelCall("fail", '{"a":'), "The arguments are not a JSON object."],
    ["that fail", modelCall("fail"), "disk full"],
  ])("%s are told to the model as such", async (_title, toolCall, error) => {
    await using endpoint = await startOpenAiEndpoint({ toolCalls: [toolCall] }, { text: ["Sorry."] });
    const tools = [modelTool("fail", () => Promise.reject(new Error("disk full")))];
    const run = recordedRun();
    const result = await modelAgent(endpoint, { tools }).run(agentInput(), run);
    expect(result.text).toBe("Sorry.");
    expect(run.events.filter(({ type }) => type === "tool_end")).toMatchObject([{ result: null, error }]);
    expect(toolMessages(endpoint)).toEqual([error]);
  });

  test("can be fewer for one run", async () => {
    await using endpoint = await startOpenAiEndpoint({ toolCalls: [modelCall("b")] }, { text: ["Sorry."] });
    const execute = vi.fn<AgentTool["execute"]>();
    const agent = modelAgent(endpoint, { tools: [modelTool("a", execute), modelTool("b", execute)] });
    await agent.run(agentInput({ execution: { tools: ["a"] } }), recordedRun());
    expect(execute).not.toHaveBeenCalled();
    expect(endpoint.requests[0]?.body["tools"]).toMatchObject([{ function: { name: "a" } }]);
  });

  test("that a model asks for without end are stopped", async () => {
    await using endpoint = await startOpenAiEndpoint({ toolCalls: [modelCall("again")] });
    const execute = vi.fn<AgentTool["execute"]>(async () => null);
    const agent = modelAgent(endpoint, { tools: [modelTool("again", execute)], maxSteps: 3 });
    const error = await failureOf(agent.run(agentInput(), recordedRun()));
    expect(error).toMatchObject({ code: "AGENT_STEPS_EXHAUSTED", retryable: false });
    expect(endpoint.requests).toHaveLength(3);
    expect(execute).toHaveBeenCalledTimes(2);
  });

  test("that have run keep a task from running again", async () => {
    await using endpoint = await startOpenAiEndpoint({ toolCalls: [modelCall("pay")] }, { status: 503 });
    const agent = modelAgent(endpoint, { tools: [modelTool("pay", async () => "paid")] });
    const error = await failureOf(agent.run(agentInput(), recordedRun()));
    expect(error).toMatchObject({
      code: "AGENT_MODEL_UNAVAILABLE",
      retryable: false,
      message: expect.stringContaining("tools have run"),
    });
    expect(error).not.toHaveProperty("retryAfterMs");
  });

  test("are left alone when the run is aborted", async () => {
    await using endpoint = await startOpenAiEndpoint({ toolCalls: [modelCall("wait")] });
    const abort = new AbortController();
    const execute: AgentTool["execute"] = () => {
      abort.abort(new Error("stopped"));
      return new Promise(() => undefined);
    };
    const run = recordedRun({ signal: abort.signal });
    const running = modelAgent(endpoint, { tools: [modelTool("wait", execute)] }).run(agentInput(), run);
    await expect(running).rejects.toThrow("stopped");
    expect(run.events.at(-1)).toMatchObject({ type: "tool_start" });
  });
});

function toolMessages({ requests }: OpenAiEndpoint): readonly unknown[] {
  const messages = requests[1]?.body.messages ?? [];
  return messages.filter(({ role }) => role === "tool").map(({ content }) => content);
}
