import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@core/registry";
import type { TaskResult } from "@core/registry";
import { expect, test } from "vitest";
import type { AgentConfiguration } from "../configuration.ts";
import { agentInput, recordedRun } from "../testing/agent-run.ts";
import { startOpenAiEndpoint } from "../testing/openai-endpoint.ts";
import { agentSecrets, configuredAgent } from "./configured-agent.ts";

test("the echo agent is made", async () => {
  expect(await runOf({ type: "echo" })).toMatchObject({ text: "Hello" });
});

test("a script agent is made of its file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "configured-agent-"));
  const file = join(folder, "script.json");
  await writeFile(file, '{"scenes":[{"steps":[{"text":"Hi"},{"file":{"name":"a","bytes":3}}]}]}');
  const result = await runOf({ type: "script", file });
  await rm(folder, { recursive: true });
  expect(result).toMatchObject({ text: "Hi", files: [{ name: "a" }] });
});

test("a model behind an API is asked", async () => {
  await using endpoint = await startOpenAiEndpoint({ text: ["Hi"] });
  const { baseUrl } = endpoint;
  const result = await runOf({ type: "openai-compatible", baseUrl, model: "small", apiKey: null });
  expect(result).toMatchObject({ text: "Hi" });
});

test.skipIf(process.platform === "win32")(
  "a command sees no secret of the server and its integrations",
  async () => {
    const environment = {
      PATH: process.env["PATH"],
      API_KEY: "one",
      SIGNING_SECRET: "two",
      ENCRYPTION_KEY: "three",
      DATABASE_URL: "four",
      AGENT_API_KEY: "five",
      CHAT_TOKEN: "six",
      SMTP_URL: "smtp://seven",
      GREETING: "hello",
    };
    const { text } = await runOf({ type: "command", command: ["env"] }, environment);
    expect(text).toContain("GREETING=hello");
    expect(text).not.toMatch(/one|two|three|four|five|six|seven/);
  },
);

test("the key of a model is a secret", () => {
  const agent = { type: "openai-compatible", baseUrl: "http://127.0.0.1:9", model: "m" } as const;
  expect(agentSecrets({ ...agent, apiKey: "sk-1" })).toEqual(["sk-1"]);
  expect(agentSecrets({ ...agent, apiKey: null })).toEqual([]);
  expect(agentSecrets({ type: "echo" })).toEqual([]);
});

async function runOf(
  agent: AgentConfiguration,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<TaskResult> {
  const { runner, close } = await configuredAgent(agent, {
    environment,
    secretVariables: ["CHAT_TOKEN"],
    files: { put: async (_stream, meta) => ({ blob_id: "1", size: 0, ...meta }) },
    clock: systemClock,
    logger: silentLogger,
  });
  try {
    return await runner.run(agentInput(), recordedRun());
  } finally {
    close();
  }
}
