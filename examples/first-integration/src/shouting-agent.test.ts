import type { AgentEvent, AgentInput, GateDecision } from "@core/registry";
import { expect, test } from "vitest";
import { shoutingAgent } from "./shouting-agent.ts";

const whose = {
  bot_id: null,
  session_id: null,
  channel_id: null,
  client_id: null,
  correlation_id: "c1",
  origin: null,
};
const input: AgentInput = { task_id: "t1", prompt: "hello", attempt: 1, context: whose, execution: {} };

test("it shouts with its tool, and tells so", async () => {
  const { text, told } = await run({ allowed: true });
  expect(text).toBe("HELLO");
  expect(told.map(({ type }) => type)).toEqual(["tool_start", "tool_end", "text"]);
});

test("a gate keeps it quiet", async () => {
  const { text, told } = await run({ allowed: false, reason: "it is night", by: "neighbours" });
  expect(text).toBe("I may not shout.");
  expect(told).toMatchObject([{ type: "tool_end", error: "refused by neighbours: it is night" }]);
});

async function run(decision: GateDecision): Promise<{ readonly text: string; readonly told: AgentEvent[] }> {
  const told: AgentEvent[] = [];
  const { text } = await shoutingAgent.run(input, {
    signal: new AbortController().signal,
    onEvent: (event) => told.push(event),
    allowTool: async () => decision,
  });
  return { text, told };
}
