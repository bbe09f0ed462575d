import type { Logger } from "@core/registry";
import { silentLogger } from "@core/registry";
import { describe, expect, test, vi } from "vitest";
import { agentInput, recordedRun } from "../../testing/agent-run.ts";
import { eventually } from "../../testing/eventually.ts";
import { failureOf, MODEL_KEY, modelAgent } from "../../testing/model-agent.ts";
import { startOpenAiEndpoint } from "../../testing/openai-endpoint.ts";
import type { EndpointAnswer } from "../../testing/openai-endpoint.ts";

describe("a model that does not answer", () => {
  test.each<[string, EndpointAnswer, object]>([
    ["a wrong key", { status: 401 }, { code: "AGENT_MODEL_REFUSED", message: /\(401\).*AGENT_API_KEY/ }],
    ["an unknown model", { status: 404 }, { code: "AGENT_MODEL_REFUSED", message: /\(404\).*AGENT_MODEL/ }],
    ["a bad request", { status: 400 }, { code: "AGENT_MODEL_REFUSED", message: /\(400\).*log/ }],
    [
      "a redirect",
      { status: 308, headers: { location: "http://127.0.0.1:9" } },
      { code: "AGENT_MODEL_REFUSED", message: /\(308\).*AGENT_BASE_URL/ },
    ],
    [
      "a web page",
      { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: "<html>" },
      { code: "AGENT_MODEL_ANSWER_INVALID", message: /text\/html.*AGENT_BASE_URL/ },
    ],
    [
      "chunks that are none",
      { chunks: ['{"choices":1}'] },
      { code: "AGENT_MODEL_ANSWER_INVALID", message: /no chat completion/ },
    ],
    [
      "a refusal within the stream",
      { chunks: ['{"error":{"message":"too long","code":400}}'], ending: "hang" },
      { code: "AGENT_MODEL_REFUSED", message: /\(400\)/ },
    ],
  ])(
    "because of %s is not asked again",
    async (_title, answer, { message, ...rest }: { message?: RegExp }) => {
      await using endpoint = await startOpenAiEndpoint(answer);
      const error = await failureOf(modelAgent(endpoint).run(agentInput(), recordedRun()));
      expect(error).toMatchObject({
        ...rest,
        retryable: false,
        message: expect.stringMatching(message ?? /./),
      });
      expect(error).not.toHaveProperty("retryAfterMs");
      expect(endpoint.requests).toHaveLength(1);
    },
  );

  test.each<[string, EndpointAnswer, number, RegExp]>([
    ["busy", { status: 429, headers: { "retry-after": "7" } }, 7_000, /busy \(429\)/],
    ["broken", { status: 503, body: "overloaded" }, 0, /failed \(503\)/],
    ["gone", { ending: "drop" }, 0, /cannot be reached \(.+\).*AGENT_BASE_URL/],
    ["gone midway", { text: ["Hel"], ending: "drop" }, 0, /broke off/],
    ["silent at its end", { chunks: ['{"choices":[]}'], ending: "drop" }, 0, /broke off/],
    [
      "failing midway",
      { text: ["Hel"], chunks: ['{"error":{"message":"The server had an error"}}'], ending: "hang" },
      0,
      /failed while it answered/,
    ],
  ])("because it is %s is left to the queue", async (_title, answer, retryAfterMs, message) => {
    await using endpoint = await startOpenAiEndpoint(answer);
    const error = await failureOf(modelAgent(endpoint).run(agentInput(), recordedRun()));
    expect(error).toMatchObject({
      code: "AGENT_MODEL_UNAVAILABLE",
      retryable: true,
      retryAfterMs,
      message: expect.stringMatching(message),
    });
    expect(endpoint.requests).toHaveLength(1);
  });

  test("because it fails midway is not listened to any longer", async () => {
    const chunks = ['{"error":{"message":"The server had an error"}}'];
    await using endpoint = await startOpenAiEndpoint({ chunks, ending: "hang" });
    await failureOf(modelAgent(endpoint).run(agentInput(), recordedRun()));
    expect(await eventually(() => endpoint.requests[0]?.gone())).toBe(true);
  });

  test("because nobody listens is left to the queue", async () => {
    const endpoint = await startOpenAiEndpoint({});
    await endpoint.close();
    const error = await failureOf(modelAgent(endpoint).run(agentInput(), recordedRun()));
    expect(error).toMatchObject({
      code: "AGENT_MODEL_UNAVAILABLE",
      message: expect.stringContaining("(ECONNREFUSED)"),
    });
  });

  test("says nothing of its endpoint's words but in the log, and the key nowhere", async () => {
    await using endpoint = await startOpenAiEndpoint({ status: 401, body: `the key ${MODEL_KEY} is wrong` });
    const warn = vi.fn<Logger["warn"]>();
    const agent = modelAgent(endpoint, { logger: { ...silentLogger, warn } });
    const error = await failureOf(agent.run(agentInput(), recordedRun()));
    expect(error.message).not.toContain("is wrong");
    expect(JSON.stringify(error)).not.toContain(MODEL_KEY);
    expect(warn.mock.calls).toEqual([
      [
        {
          task_id: "task-1",
          code: "AGENT_MODEL_REFUSED",
          model: "small",
          status: 401,
          answer: "the key *** is wrong",
        },
        error.message,
      ],
    ]);
  });
});
