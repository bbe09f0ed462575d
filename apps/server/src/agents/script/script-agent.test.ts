import type { AgentRunOptions, FilePort, FileRef, TaskResult } from "@core/registry";
import { describe, expect, test, vi } from "vitest";
import { createManualClock } from "@core/testing";
import { agentInput, recordedRun, textOf } from "../../testing/agent-run.ts";
import type { RecordedRun } from "../../testing/agent-run.ts";
import { createScriptAgent } from "./script-agent.ts";
import type { Scene, Step } from "./script.ts";

describe("a scene", () => {
  const scenes: readonly Scene[] = [
    { prompt: "weather", attempt: 1, steps: [{ text: "first try" }] },
    { prompt: "weather", steps: [{ text: "another try" }] },
    { attempt: 3, steps: [{ text: "third of anything" }] },
  ];
  const agent = createScriptAgent({ script: { scenes } });

  test.each([
    ["How is the weather?", 1, "first try"],
    ["How is the weather?", 3, "another try"],
    ["Hello", 3, "third of anything"],
  ])("plays for %j in attempt %i as the first that fits", async (prompt, attempt, text) => {
    expect(await agent.run(agentInput({ prompt, attempt }), recordedRun())).toMatchObject({ text });
  });

  test("that fits is needed", async () => {
    await expect(agent.run(agentInput(), recordedRun())).rejects.toMatchObject({
      code: "AGENT_SCRIPT_NO_SCENE",
      retryable: false,
      message: expect.stringContaining("attempt 1"),
    });
  });
});

describe("a script agent", () => {
  test("tells its tokens as one call of a model, with the prompt and the attempt put in", async () => {
    const { result, run } = await play([{ text: "You said: " }, { text: "{{prompt}} ({{attempt}})" }], {
      prompt: "$& {{attempt}}",
      attempt: 2,
    });
    const usage = { input_tokens: 2, output_tokens: 2 };
    expect(result).toEqual({ text: "You said: $& {{attempt}} (2)", files: [], actions: [], usage });
    expect(run.events).toEqual([
      {
        type: "llm_start",
        model: "script",
        provider_id: "script",
        message_count: 1,
        tools_count: 0,
        iteration: 1,
      },
      { type: "text", delta: "You said: " },
      { type: "text", delta: "$& {{attempt}} (2)" },
      { type: "llm_end", model: "script", duration_ms: 0, ...usage, iteration: 1, fallback_from: null },
    ]);
  });

  test("calls tools between the calls of the model", async () => {
    const { result, run } = await play([
      { text: "Look." },
      { tool: "search", args: { q: "x" }, result: ["found"] },
      { tool: "read", error: "not there" },
      { text: "Done." },
      { tool: "search" },
    ]);
    const search = { tool_name: "search", tool_args: { q: "x" }, iteration: 1 };
    const read = { tool_name: "read", tool_args: {}, iteration: 1 };
    expect(run.events).toMatchObject([
      { type: "llm_start", iteration: 1, message_count: 1, tools_count: 2 },
      { type: "text", delta: "Look." },
      { type: "llm_end", iteration: 1 },
      { type: "tool_start", ...search },
      { type: "tool_end", ...search, result: ["found"], error: null, duration_ms: 0 },
      { type: "tool_start", ...read },
      { type: "tool_end", ...read, result: null, error: "not there" },
      { type: "llm_start", iteration: 2, message_count: 4 },
      { type: "text", delta: "Done." },
      { type: "llm_end", iteration: 2, output_tokens: 1 },
      { type: "tool_start", tool_name: "search", iteration: 2 },
      { type: "tool_end", result: null, error: null },
    ]);
    expect(result.usage).toEqual({ input_tokens: 2, output_tokens: 2 });
    expect(textOf(run.events)).toBe(result.text);
  });

  test("does not run a tool that a gate refuses, and goes on", async () => {
    const allowTool: AgentRunOptions["allowTool"] = async ({ tool_name }) =>
      tool_name === "drop" ? { allowed: false, reason: "no", by: "guard" } : { allowed: true };
    const { result, run } = await play([{ tool: "drop", result: 1 }, { text: "Done." }], {}, { allowTool });
    expect(result.text).toBe("Done.");
    expect(run.events.filter(({ type }) => type.startsWith("tool"))).toEqual([
      {
        type: "tool_end",
        tool_name: "drop",
        tool_args: {},
        iteration: 1,
        duration_ms: 0,
        result: null,
        error: "refused by guard: no",
      },
    ]);
  });

  test("lets time pass by its clock", async () => {
    const clock = createManualClock(0);
    const script = { scenes: [{ steps: [{ delay_ms: 30 }, { text: "a" }, { tool: "t", duration_ms: 70 }] }] };
    const run = recordedRun();
    const running = createScriptAgent({ script, clock }).run(agentInput(), run);
    await clock.elapse(29);
    expect(run.events).toMatchObject([{ type: "llm_start" }]);
    await clock.elapse(1);
    expect(run.events.at(-1)).toMatchObject({ type: "tool_start" });
    await clock.elapse(70);
    await running;
    expect(run.events).toMatchObject([
      { type: "llm_start" },
      { type: "text" },
      { type: "llm_end", duration_ms: 30 },
      { type: "tool_start" },
      { type: "tool_end", duration_ms: 70 },
    ]);
  });

  test.each<[string, Step]>([
    ["a delay", { delay_ms: 1_000 }],
    ["a tool", { tool: "t", duration_ms: 1_000 }],
  ])("ends %s at once when it is aborted, and leaves no timer", async (_title, step) => {
    const clock = createManualClock(0);
    const abort = new AbortController();
    const run = recordedRun({ signal: abort.signal });
    const agent = createScriptAgent({ script: { scenes: [{ steps: [step, { text: "late" }] }] }, clock });
    const running = agent.run(agentInput(), run);
    await clock.elapse(1);
    abort.abort(new Error("stopped"));
    await expect(running).rejects.toThrow("stopped");
    expect(clock.waits()).toEqual([]);
    expect(textOf(run.events)).toBe("");
  });

  test("puts files and tells them", async () => {
    const files = fakeFiles();
    const steps: readonly Step[] = [
      { file: { name: "a.txt", text: "é" } },
      { file: { name: "b.bin", content_type: "image/png", base64: "AAEC" } },
      { file: { name: "c.bin", bytes: 200_000 } },
    ];
    const run = recordedRun();
    const result = await createScriptAgent({ script: { scenes: [{ steps }] }, files }).run(agentInput(), run);
    const refs = [
      { blob_id: "1", name: "a.txt", content_type: "text/plain", size: 2 },
      { blob_id: "2", name: "b.bin", content_type: "image/png", size: 3 },
      { blob_id: "3", name: "c.bin", content_type: "application/octet-stream", size: 200_000 },
    ];
    expect(result.files).toEqual(refs);
    expect(run.events).toEqual(refs.map((file) => ({ type: "file", file })));
    expect(files.chunks).toEqual([1, 1, 4]);
  });

  test("says which file has no store to go to", async () => {
    await expect(play([{ file: { name: "a.txt", text: "" } }])).rejects.toMatchObject({
      code: "AGENT_SCRIPT_NO_FILES",
      message: expect.stringContaining('"a.txt"'),
    });
  });

  test("asks the client for actions", async () => {
    const action = { type: "open_url", url: "https://example.org" };
    const { result, run } = await play([{ action }]);
    expect(result.actions).toEqual([action]);
    expect(run.events).toEqual([]);
  });

  test.each<[Step, object]>([
    [{ error: "broken" }, { name: "AgentError", retryable: false }],
    [
      { error: "broken", retryable: true },
      { name: "AgentRetry", retryable: true, retryAfterMs: 0 },
    ],
    [
      { error: "broken", retryable: true, retry_after_ms: 50 },
      { retryable: true, retryAfterMs: 50 },
    ],
  ])("fails by %j", async (step, error) => {
    const expected = { code: "AGENT_SCRIPT_ERROR", message: "broken", ...error };
    await expect(play([{ text: "a" }, step])).rejects.toMatchObject(expected);
  });
});

async function play(
  steps: readonly Step[],
  input: Parameters<typeof agentInput>[0] = { prompt: "Hello" },
  options: Partial<AgentRunOptions> = {},
): Promise<{ readonly result: TaskResult; readonly run: RecordedRun }> {
  const run = recordedRun(options);
  const agent = createScriptAgent({ script: { scenes: [{ steps }] }, clock: createManualClock(0) });
  return { result: await agent.run(agentInput(input), run), run };
}

/** Reads what is put, and remembers in how many chunks it came. */
function fakeFiles(): Pick<FilePort, "put"> & { readonly chunks: readonly number[] } {
  const chunks: number[] = [];
  const put = vi.fn<FilePort["put"]>(async (stream, meta): Promise<FileRef> => {
    let size = 0;
    let count = 0;
    for await (const chunk of stream) {
      size += chunk.length;
      count += 1;
    }
    chunks.push(count);
    return { blob_id: String(chunks.length), ...meta, size };
  });
  return { put, chunks };
}
