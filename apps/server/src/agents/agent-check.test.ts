import { expect, test } from "vitest";
import { assertAgent } from "./agent-check.ts";

test("an agent that lacks something is refused at the start by its variable", async () => {
  const command = assertAgent({ type: "command", command: ["/nowhere/agent"] }, {});
  await expect(command).rejects.toThrow(/^AGENT_COMMAND: /);
  const script = assertAgent({ type: "script", file: "/nowhere/script.json" }, {});
  await expect(script).rejects.toThrow(/^AGENT_SCRIPT: /);
});

test("an agent that needs nothing of this machine may start", async () => {
  await expect(assertAgent({ type: "echo" }, {})).resolves.toBeUndefined();
  const baseUrl = "http://127.0.0.1:9/v1";
  const agent = { type: "openai-compatible", baseUrl, model: "m", apiKey: null } as const;
  await expect(assertAgent(agent, {})).resolves.toBeUndefined();
});
