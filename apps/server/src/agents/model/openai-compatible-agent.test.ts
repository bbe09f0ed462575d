import { describe, expect, test } from "vitest";
import { agentInput, recordedRun, textOf } from "../../testing/agent-run.ts";
import { eventually } from "../../testing/eventually.ts";
import { failureOf, MODEL_KEY, modelAgent, modelCall, modelTool } from "../../testing/model-agent.ts";
import { startOpenAiEndpoint } from "../../testing/openai-endpoint.ts";
import type { EndpointAnswer } from "../../testing/openai-endpoint.ts";

describe("an answer of a model", () => {
  test("is told while it comes, and is the result with its cost", async () => {
    await using endpoint = await startOpenAiEndpoint({ text: ["Hel", "lo"] });
    const run = recordedRun();
    const input = agentInput({ execution: { system_preamble: "Be brief." } });
    const result = await modelAgent(endpoint).run(input, run);
    expect(result).toEqual({
      text: "Hello",
      files: [],
      actions: [],
      usage: { input_tokens: 10, output_tokens: 5 },
    });
    expect(run.events).toEqual([
      {
        type: "llm_start",
        model: "small",
        provider_id: "openai-compatible",
        message_count: 2,
        tools_count: 0,
        iteration: 1,
      },
      { type: "text", delta: "Hel" },
      { type: "text", delta: "lo" },
      {
        type: "llm_end",
        model: "small",
        duration_ms: 0,
        input_tokens: 10,
        output_tokens: 5,
        iteration: 1,
        fallback_from: null,
      },
    ]);
  });

  test("is asked for with the key, the prompt and the preamble, and counted", async () => {
    await using endpoint = await startOpenAiEndpoint({ text: ["Hi"] });
    const input = agentInput({ execution: { system_preamble: "Be brief.", model_override: "large" } });
    await modelAgent(endpoint).run(input, recordedRun());
    expect(endpoint.requests).toMatchObject([
      {
        path: "/v1/chat/completions",
        headers: { authorization: `Bearer ${MODEL_KEY}` },
        body: {
          model: "large",
          stream: true,
          stream_options: { include_usage: true },
          messages: [
            { role: "system", content: "Be brief." },
            { role: "user", content: "Hello" },
          ],
        },
      },
    ]);
  });

  test("is asked for without a key where there is none", async () => {
    await using endpoint = await startOpenAiEndpoint({ text: ["Hi"] });
    await modelAgent(endpoint, { apiKey: null }).run(agentInput(), recordedRun());
    expect(endpoint.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  test("may be empty, and need not be counted", async () => {
    await using endpoint = await startOpenAiEndpoint({ usage: null });
    const result = await modelAgent(endpoint).run(agentInput(), recordedRun());
    expect(result).toEqual({ text: "", files: [], actions: [] });
  });

  test.each<[string, EndpointAnswer]>([
    ["before it says anything", { ending: "hang" }],
    ["while it answers", { text: ["Hel"], ending: "hang" }],
  ])("is left at once when the run is aborted %s", async (_title, answer) => {
    await using endpoint = await startOpenAiEndpoint(answer);
    const abort = new AbortController();
    const run = recordedRun({ signal: abort.signal });
    const running = modelAgent(endpoint).run(agentInput(), run);
    await eventually(
      () => endpoint.requests.length === 1 && textOf(run.events) === (answer.text ?? []).join(""),
    );
    abort.abort(new Error("stopped"));
    await expect(running).rejects.toThrow("stopped");
    await eventually(() => endpoint.requests[0]?.gone());
  });
});

describe("fallback models", () => {
  const execution = { fallback_models: ["medium", "large"] };

  test("are asked in order until one answers, which is told", async () => {
    await using endpoint = await startOpenAiEndpoint({ status: 404 }, { ending: "drop" }, { text: ["Hi"] });
    const run = recordedRun();
    const result = await modelAgent(endpoint).run(agentInput({ execution }), run);
    expect(result.text).toBe("Hi");
    expect(endpoint.requests.map(({ body }) => body.model)).toEqual(["small", "medium", "large"]);
    expect(run.events).toMatchObject([
      { type: "llm_start", model: "small" },
      { type: "text" },
      { type: "llm_end", model: "large", fallback_from: "small" },
    ]);
  });

  test("are not asked once something was said", async () => {
    await using endpoint = await startOpenAiEndpoint({ text: ["Hel"], ending: "drop" });
    await failureOf(modelAgent(endpoint).run(agentInput({ execution }), recordedRun()));
    expect(endpoint.requests).toHaveLength(1);
  });

  test("that all fail leave the task to the queue when one of them may answer later", async () => {
    const busy = { status: 429, headers: { "retry-after": "3" } };
    await using endpoint = await startOpenAiEndpoint({ status: 404 }, busy, { status: 404 });
    const error = await failureOf(modelAgent(endpoint).run(agentInput({ execution }), recordedRun()));
    expect(error).toMatchObject({ code: "AGENT_MODEL_UNAVAILABLE", retryable: true, retryAfterMs: 3_000 });
    expect(error.message).toContain('Other models failed too: "small", "large".');
  });

  test("go on with a run once they have answered", async () => {
    const answers = [{ status: 503 }, { toolCalls: [modelCall("add")] }, { text: ["Hi"] }];
    await using endpoint = await startOpenAiEndpoint(...answers);
    const run = recordedRun();
    await modelAgent(endpoint, { tools: [modelTool("add", async () => 1)] }).run(
      agentInput({ execution }),
      run,
    );
    expect(endpoint.requests.map(({ body }) => body.model)).toEqual(["small", "medium", "medium"]);
    expect(run.events.filter(({ type }) => type === "llm_end")).toMatchObject([
      { iteration: 1, model: "medium", fallback_from: "small" },
      { iteration: 2, model: "medium", fallback_from: "small" },
    ]);
  });
});
