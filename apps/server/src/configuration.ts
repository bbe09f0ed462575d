import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { z } from "zod";
import { environmentSchema } from "./environment-schema.ts";
import type { LogLevel, ParsedEnvironment } from "./environment-schema.ts";

/** All settings of one server, complete and checked. */
export interface Configuration {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Absolute. */
  readonly dataDir: string;
  /** Null: PGlite in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly apiKey: string | null;
  readonly signingSecret: string | null;
  readonly encryptionKey: string | null;
  /** CIDR ranges that may be reached although they are private. */
  readonly outboundAllow: readonly string[];
  readonly outboundTimeoutMs: number;
  readonly agent: AgentConfiguration;
  readonly agentTimeoutMs: number;
  /** A JSON file of bots; absolute. */
  readonly botsFile: string | null;
  /** The work tree that git auto-commit commits in; absolute. */
  readonly gitAutoCommitRepository: string | null;
  readonly logLevel: LogLevel;
  /** Whether tools take addresses and secrets from their callers. */
  readonly mcpAllowUrls: boolean;
  /** Whether only tools are offered that change and send nothing. */
  readonly mcpReadOnly: boolean;
  /** Where the world reaches this server; without a slash at its end. */
  readonly publicUrl: string | null;
  readonly shutdownGraceMs: number;
  /** The server that sends mail, and who it comes from. */
  readonly smtp: { readonly url: string; readonly from: string } | null;
  readonly workerConcurrency: number;
}

export type AgentConfiguration =
  | { readonly type: "echo" }
  | { readonly type: "command"; readonly command: readonly string[] }
  | {
      readonly type: "openai-compatible";
      /** Where the API begins; without a slash at its end. */
      readonly baseUrl: string;
      readonly model: string;
      readonly apiKey: string | null;
    }
  /** `file` is absolute. */
  | { readonly type: "script"; readonly file: string };

/** One mistake: `variable` is its name, `message` the fix. */
export interface ConfigurationMistake {
  readonly variable: string;
  readonly message: string;
}

/** Thrown by `readConfiguration`; its message lists every mistake and shows no value. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly mistakes: readonly ConfigurationMistake[];

  constructor(mistakes: readonly ConfigurationMistake[]) {
    const lines = mistakes.map(({ variable, message }) => `  ${variable}: ${message}`);
    super(["The configuration is not valid:", ...lines].join("\n"));
    this.mistakes = mistakes;
  }
}

/**
 * Reads all settings from an environment; an empty variable counts as unset.
 * @throws ConfigurationError listing every mistake at once
 */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const present = Object.entries(environment).filter(
    ([, value]) => value !== undefined && value.trim() !== "",
  );
  const parsed = environmentSchema.safeParse(Object.fromEntries(present));
  if (!parsed.success) throw new ConfigurationError(parsed.error.issues.map(mistakeOf));
  return complete(parsed.data);
}

function complete(environment: ParsedEnvironment): Configuration {
  return {
    host: environment.HOST,
    port: environment.PORT,
    dataDir: absolute(environment.DATA_DIR),
    databaseUrl: environment.DATABASE_URL ?? null,
    apiKey: environment.API_KEY ?? null,
    signingSecret: environment.SIGNING_SECRET ?? null,
    encryptionKey: environment.ENCRYPTION_KEY ?? null,
    outboundAllow: environment.OUTBOUND_ALLOW,
    outboundTimeoutMs: environment.OUTBOUND_TIMEOUT_MS,
    agent: agentOf(environment),
    agentTimeoutMs: environment.AGENT_TIMEOUT_SECONDS * 1_000,
    botsFile: absoluteIfSet(environment.BOTS_FILE),
    gitAutoCommitRepository: absoluteIfSet(environment.GIT_AUTO_COMMIT_REPOSITORY),
    logLevel: environment.LOG_LEVEL,
    mcpAllowUrls: environment.MCP_ALLOW_URLS,
    mcpReadOnly: environment.MCP_READ_ONLY,
    publicUrl: environment.PUBLIC_URL ?? null,
    shutdownGraceMs: environment.SHUTDOWN_GRACE_SECONDS * 1_000,
    smtp: smtpOf(environment),
    workerConcurrency: environment.WORKER_CONCURRENCY,
  };
}

/** The schema has made sure that what an agent needs is there. */
function agentOf(environment: ParsedEnvironment): AgentConfiguration {
  const { AGENT_COMMAND: command = [], AGENT_BASE_URL: baseUrl = "", AGENT_MODEL: model = "" } = environment;
  const { AGENT_API_KEY: apiKey = null, AGENT_SCRIPT: script = "" } = environment;
  switch (environment.AGENT) {
    case "echo":
      return { type: "echo" };
    case "command":
      return { type: "command", command };
    case "openai-compatible":
      return { type: "openai-compatible", baseUrl, model, apiKey };
    case "script":
      return { type: "script", file: absolute(script) };
  }
}

function smtpOf({ SMTP_URL: url, SMTP_FROM: from }: ParsedEnvironment): Configuration["smtp"] {
  return url === undefined || from === undefined ? null : { url, from };
}

function mistakeOf(issue: z.core.$ZodIssue): ConfigurationMistake {
  return { variable: String(issue.path[0] ?? "environment"), message: issue.message };
}

function absoluteIfSet(path: string | undefined): string | null {
  return path === undefined ? null : absolute(path);
}

/** Shells expand `~` only outside of quotes and files of settings never do. */
function absolute(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : resolve(path);
}
