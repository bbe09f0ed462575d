import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigurationError, readConfiguration } from "./configuration.ts";

describe("configuration", () => {
  test("an empty environment gives every default", () => {
    expect(readConfiguration({})).toEqual({
      host: "127.0.0.1",
      port: 3_000,
      dataDir: resolve("data"),
      databaseUrl: null,
      apiKey: null,
      signingSecret: null,
      encryptionKey: null,
      outboundAllow: [],
      outboundTimeoutMs: 15_000,
      agent: { type: "echo" },
      agentTimeoutMs: 300_000,
      botsFile: null,
      gitAutoCommitRepository: null,
      logLevel: "info",
      mcpAllowUrls: false,
      mcpReadOnly: false,
      publicUrl: null,
      shutdownGraceMs: 10_000,
      smtp: null,
      workerConcurrency: 8,
    });
  });

  test("an empty variable counts as unset", () => {
    expect(readConfiguration({ PORT: "", HOST: " ", API_KEY: "", AGENT: "" })).toEqual(readConfiguration({}));
  });

  test("every variable is read", () => {
    const configuration = readConfiguration({
      HOST: "0.0.0.0",
      PORT: "0",
      DATA_DIR: "/var/lib/agents",
      DATABASE_URL: "postgres://app:pass@db:5432/app",
      API_KEY: "a-key-of-sixteen",
      SIGNING_SECRET: `whsec_${Buffer.alloc(24).toString("base64")}`,
      ENCRYPTION_KEY: Buffer.alloc(32).toString("base64"),
      OUTBOUND_ALLOW: "10.0.0.0/8, fd00::/8,127.0.0.1",
      OUTBOUND_TIMEOUT_MS: "500",
      AGENT: "command",
      AGENT_COMMAND: `my-agent --name "two words"`,
      AGENT_TIMEOUT_SECONDS: "5",
      BOTS_FILE: "bots.json",
      GIT_AUTO_COMMIT_REPOSITORY: "./work",
      LOG_LEVEL: "debug",
      MCP_ALLOW_URLS: "false",
      MCP_READ_ONLY: "true",
      PUBLIC_URL: "https://agents.example.org/base/",
      SHUTDOWN_GRACE_SECONDS: "0",
      SMTP_FROM: "Agents <agents@example.org>",
      SMTP_URL: "smtps://user:p%40ss@mail.example.org",
      WORKER_CONCURRENCY: "2",
    });
    expect(configuration).toMatchObject({
      host: "0.0.0.0",
      port: 0,
      dataDir: "/var/lib/agents",
      outboundAllow: ["10.0.0.0/8", "fd00::/8", "127.0.0.1"],
      agent: { type: "command", command: ["my-agent", "--name", "two words"] },
      agentTimeoutMs: 5_000,
      botsFile: resolve("bots.json"),
      gitAutoCommitRepository: resolve("work"),
      mcpAllowUrls: false,
      mcpReadOnly: true,
      publicUrl: "https://agents.example.org/base",
      shutdownGraceMs: 0,
      smtp: { url: "smtps://user:p%40ss@mail.example.org", from: "Agents <agents@example.org>" },
    });
  });

  test("a command may be a JSON array", () => {
    const { agent } = readConfiguration({ AGENT: "command", AGENT_COMMAND: '["sh", "-c", "echo $1"]' });
    expect(agent).toEqual({ type: "command", command: ["sh", "-c", "echo $1"] });
  });

  test("a model behind an API has its settings, with a key or without", () => {
    const environment = {
      AGENT: "openai-compatible",
      AGENT_BASE_URL: "http://127.0.0.1:8000/v1/",
      AGENT_MODEL: "small",
    };
    const agent = { type: "openai-compatible", baseUrl: "http://127.0.0.1:8000/v1", model: "small" };
    expect(readConfiguration(environment).agent).toEqual({ ...agent, apiKey: null });
    expect(readConfiguration({ ...environment, AGENT_API_KEY: "sk-1" }).agent).toEqual({
      ...agent,
      apiKey: "sk-1",
    });
  });

  test("a script is a file", () => {
    const { agent } = readConfiguration({ AGENT: "script", AGENT_SCRIPT: "demo.json" });
    expect(agent).toEqual({ type: "script", file: resolve("demo.json") });
  });

  test.each([
    ["PORT", "http"],
    ["PORT", "70000"],
    ["PORT", "-1"],
    ["HOST", "http://localhost"],
    ["DATABASE_URL", "mysql://root:hunter22@db/app"],
    ["API_KEY", "two words of a long key"],
    ["API_KEY", "fifteen-letters"],
    ["SIGNING_SECRET", "whsec_short"],
    ["ENCRYPTION_KEY", "c2hvcnQ="],
    ["OUTBOUND_ALLOW", "10.0.0.0/33"],
    ["OUTBOUND_ALLOW", "example.org"],
    ["OUTBOUND_TIMEOUT_MS", "1.5"],
    ["AGENT", "oracle"],
    ["AGENT_COMMAND", "[1]"],
    ["AGENT_BASE_URL", "models.host/v1"],
    ["AGENT_BASE_URL", "https://user:pass@api.example.org/v1"],
    ["AGENT_BASE_URL", "https://api.example.org/v1/chat/completions"],
    ["AGENT_API_KEY", "two words"],
    ["LOG_LEVEL", "loud"],
    ["MCP_ALLOW_URLS", "1"],
    ["MCP_READ_ONLY", "yes"],
    ["PUBLIC_URL", "my.host"],
    ["SHUTDOWN_GRACE_SECONDS", "soon"],
    ["WORKER_CONCURRENCY", "-2"],
  ])("a bad %s (%s) is refused by name, with the fix and without the value", (variable, value) => {
    const [mistake, ...others] = mistakesOf({ [variable]: value });
    expect(mistake).toMatchObject({ variable, message: expect.stringMatching(/^use /) });
    expect(mistake?.message).not.toContain(value);
    expect(others).toEqual([]);
  });

  test.each([
    ["SMTP_FROM", "postmaster"],
    ["SMTP_FROM", "a@example.org\r\nBcc: b@example.org"],
    ["SMTP_URL", "https://mail.example.org"],
    ["SMTP_URL", "smtp://user:100%@mail.example.org"],
    ["SMTP_URL", "smtp://mail.example.org/path"],
  ])("a bad %s (%j) is refused without the value", (variable, value) => {
    const mail = { SMTP_URL: "smtp://mail.example.org", SMTP_FROM: "a@example.org" };
    const [mistake, ...others] = mistakesOf({ ...mail, [variable]: value });
    expect(mistake).toMatchObject({ variable, message: expect.stringMatching(/^use /) });
    expect(mistake?.message).not.toContain(value);
    expect(others).toEqual([]);
  });

  test("every mistake is listed at once", () => {
    const variables = mistakesOf({ PORT: "x", AGENT: "command", LOG_LEVEL: "loud" }).map(
      ({ variable }) => variable,
    );
    expect(variables).toEqual(["PORT", "LOG_LEVEL", "AGENT_COMMAND"]);
  });

  test.each([
    [{ AGENT: "command" }, ["AGENT_COMMAND"]],
    [{ AGENT: "openai-compatible" }, ["AGENT_BASE_URL", "AGENT_MODEL"]],
    [{ AGENT: "openai-compatible", AGENT_BASE_URL: "x", AGENT_MODEL: "m" }, ["AGENT_BASE_URL"]],
    [{ AGENT: "script", PORT: "x" }, ["PORT", "AGENT_SCRIPT"]],
    [{ SMTP_URL: "smtp://user:pass@mail.example.org" }, ["SMTP_FROM"]],
    [{ SMTP_FROM: "a@example.org" }, ["SMTP_URL"]],
    [{ SMTP_URL: "mail" }, ["SMTP_URL", "SMTP_FROM"]],
  ])("what %o needs or has wrong is told once", (environment, variables) => {
    expect(mistakesOf(environment).map(({ variable }) => variable)).toEqual(variables);
  });
});

function mistakesOf(environment: Record<string, string>): ConfigurationError["mistakes"] {
  try {
    readConfiguration(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes;
    throw error;
  }
}
