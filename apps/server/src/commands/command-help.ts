import type { Command, CommandOptions } from "./command.ts";

/** Which commands there are, and the settings. */
export function programHelp(commands: readonly Command[]): string {
  return [
    "Usage: server [<command>] [--help] [--version]",
    "",
    ...commandLines(commands),
    "",
    "server <command> --help tells more. Without a command the server starts.",
    "",
    settingsHelp,
  ].join("\n");
}

/** The commands that begin with one word, such as `tasks`. */
export function groupHelp(group: string, commands: readonly Command[]): string {
  const members = commands.filter(({ name }) => name.startsWith(`${group} `));
  return [`Usage: server ${group} <command> [--help]`, "", ...commandLines(members)].join("\n");
}

/** How one command is used. */
export function commandHelp(command: Command): string {
  const { summary, options } = command;
  const usage = Object.keys(options).length === 0 ? "" : " [options]";
  return [`Usage: ${calling(command)}${usage}`, "", `  ${summary}`, ...optionLines(options)].join("\n");
}

function commandLines(commands: readonly Command[]): readonly string[] {
  return aligned(commands.map((command) => [calling(command), command.summary]));
}

function calling({ name, operand }: Command): string {
  if (operand === null) return `server ${name}`;
  return `server ${name} <${operand.name}${operand.isMany ? "…" : ""}>`;
}

function optionLines(options: CommandOptions): readonly string[] {
  const lines = Object.entries(options).map(([name, { value, summary }]): readonly [string, string] => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    summary,
  ]);
  return lines.length === 0 ? [] : ["", ...aligned(lines)];
}

function aligned(lines: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...lines.map(([left]) => left.length));
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

const settingsHelp = `All settings are environment variables:

  HOST                    address to listen on                          127.0.0.1
  PORT                    port to listen on; 0: any free one            3000
  DATA_DIR                folder of the keys and the embedded database  ./data
  DATABASE_URL            postgres://…; unset: embedded, in DATA_DIR
  API_KEY                 key of the HTTP API; unset: made and kept in DATA_DIR/api-key
  SIGNING_SECRET          whsec_…, signs webhooks; unset: DATA_DIR/signing-secret
  ENCRYPTION_KEY          base64 of 32 bytes; unset: DATA_DIR/encryption-key
  OUTBOUND_ALLOW          private ranges that may be called, as 10.0.0.0/8,fd00::/8
  OUTBOUND_TIMEOUT_MS     limit of one call to the outside              15000
  AGENT                   echo, command, openai-compatible or script    echo
  AGENT_COMMAND           reads the prompt on stdin, prints the result
  AGENT_BASE_URL          openai-compatible: the address before /chat/completions
  AGENT_MODEL             openai-compatible: the name of the model
  AGENT_API_KEY           openai-compatible: the key of the endpoint, if it wants one
  AGENT_SCRIPT            script: a JSON file of what to play
  AGENT_TIMEOUT_SECONDS   limit of one run, unless the task has its own 300
  GIT_AUTO_COMMIT_REPOSITORY  the work tree that git auto-commit commits in
  LOG_LEVEL               debug, info, warn, error or silent            info
  MCP_READ_ONLY           true: the tools for models only read          false
  MCP_ALLOW_URLS          true: they take addresses and secrets, too    false
  PUBLIC_URL              where the world reaches this server
  BOTS_FILE               a JSON file of the bots that may speak
  SHUTDOWN_GRACE_SECONDS  how long running work may take to end         10
  SMTP_URL                smtp://user:password@host:587, sends notifications by mail
  SMTP_FROM               who mail comes from, as Agents <agents@example.org>
  WORKER_CONCURRENCY      tasks at once                                 8`;
