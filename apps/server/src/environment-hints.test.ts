import { describe, expect, test } from "vitest";
import { environmentHints } from "./environment-hints.ts";
import { ownIntegrations } from "./integrations/own-integrations.ts";

describe("a variable near to one of ours", () => {
  test.each([
    ["AGENT_COMAND", "AGENT_COMMAND"],
    ["OUTBOUND_ALOW", "OUTBOUND_ALLOW"],
    ["SHUTDOWN_GRACE_SECOND", "SHUTDOWN_GRACE_SECONDS"],
    ["APIKEY", "API_KEY"],
    ["log_level", "LOG_LEVEL"],
    ["SLACK_BOT_TOKKEN", "SLACK_BOT_TOKEN"],
  ])("as %s is told the name %s", (name, meant) => {
    expect(environmentHints({ [name]: "x" }, ownIntegrations)).toEqual([
      `The variable ${name} is not read. Did you mean ${meant}?`,
    ]);
  });

  test("is left alone where ours is set too", () => {
    expect(environmentHints({ APIKEY: "x", API_KEY: "y" }, ownIntegrations)).toEqual([]);
  });
});

test("a usual environment has no hints", () => {
  const names =
    "PATH HOME USER SHELL TERM LANG PWD OLDPWD HOSTNAME HOSTTYPE POST PORTS AGENTS LOGNAME LOGLEVEL APP_KEY MAIL EDITOR TMPDIR NO_COLOR NODE_ENV NODE_OPTIONS SSH_AGENT_PID SSH_AUTH_SOCK XDG_DATA_DIRS XDG_DATA_HOME DATABASE_URI DATABASE_HOST GITHUB_TOKEN SLACK_TOKEN SLACK_BOT_TOKEN SLACK_WEBHOOK_URL CI npm_config_user_agent npm_command AGENT_INTEGRATIONS_OWNER AGENT_TASK_ID AGENT_ATTEMPT PGHOST DATA AWS_SECRET_ACCESS_KEY OPENAI_API_KEY";
  expect(
    environmentHints(Object.fromEntries(names.split(" ").map((name) => [name, "x"])), ownIntegrations),
  ).toEqual([]);
});
