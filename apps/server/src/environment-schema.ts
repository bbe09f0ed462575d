import { z } from "zod";
import {
  isBaseUrl,
  isCidr,
  isEncryptionKey,
  isPostgresUrl,
  isPublicUrl,
  isSigningSecret,
  isSmtpUrl,
  splitCommand,
  withoutSlash,
} from "./environment-values.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface ParsedEnvironment {
  readonly HOST: string;
  readonly PORT: number;
  readonly DATA_DIR: string;
  readonly DATABASE_URL?: string | undefined;
  readonly API_KEY?: string | undefined;
  readonly SIGNING_SECRET?: string | undefined;
  readonly ENCRYPTION_KEY?: string | undefined;
  readonly OUTBOUND_ALLOW: readonly string[];
  readonly OUTBOUND_TIMEOUT_MS: number;
  readonly AGENT: (typeof agents)[number];
  readonly AGENT_COMMAND?: readonly string[] | undefined;
  readonly AGENT_BASE_URL?: string | undefined;
  readonly AGENT_MODEL?: string | undefined;
  readonly AGENT_API_KEY?: string | undefined;
  readonly AGENT_SCRIPT?: string | undefined;
  readonly AGENT_TIMEOUT_SECONDS: number;
  readonly BOTS_FILE?: string | undefined;
  readonly GIT_AUTO_COMMIT_REPOSITORY?: string | undefined;
  readonly LOG_LEVEL: LogLevel;
  readonly MCP_ALLOW_URLS: boolean;
  readonly MCP_READ_ONLY: boolean;
  readonly PUBLIC_URL?: string | undefined;
  readonly SHUTDOWN_GRACE_SECONDS: number;
  readonly SMTP_FROM?: string | undefined;
  readonly SMTP_URL?: string | undefined;
  readonly WORKER_CONCURRENCY: number;
}

const agents = ["echo", "command", "openai-compatible", "script"] as const;
const logLevels = ["debug", "info", "warn", "error", "silent"] as const;

const fields = z.object({
  HOST: text(/^[^\s/]+$/, "use a host name or an address, such as 127.0.0.1 or 0.0.0.0.").default(
    "127.0.0.1",
  ),
  PORT: wholeNumber(0, 65_535).default(3_000),
  DATA_DIR: z.string().default("./data"),
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, "use postgres://user:password@host:5432/database, or leave it unset for PGlite.")
    .optional(),
  API_KEY: text(/^[\x21-\x7e]{16,}$/, "use at least 16 visible ASCII characters without spaces.").optional(),
  SIGNING_SECRET: z
    .string()
    .refine(isSigningSecret, "use whsec_ followed by the base64 of 24 to 64 random bytes.")
    .optional(),
  ENCRYPTION_KEY: z
    .string()
    .refine(isEncryptionKey, "use the base64 of 32 random bytes, as `openssl rand -base64 32` prints.")
    .optional(),
  OUTBOUND_ALLOW: list(isCidr, "use CIDR ranges separated by commas, such as 10.0.0.0/8,fd00::/8.").default(
    [],
  ),
  OUTBOUND_TIMEOUT_MS: wholeNumber(1, 600_000).default(15_000),
  AGENT: choice(agents).default("echo"),
  AGENT_COMMAND: z.string().transform(splitCommand).optional(),
  AGENT_BASE_URL: z
    .string()
    .refine(
      isBaseUrl,
      "use the http or https URL at which the API begins, such as https://api.example.org/v1, without user, query, fragment and /chat/completions.",
    )
    .transform(withoutSlash)
    .optional(),
  AGENT_MODEL: z.string().optional(),
  AGENT_API_KEY: text(/^[\x21-\x7e]+$/, "use visible ASCII characters without spaces.").optional(),
  AGENT_SCRIPT: z.string().optional(),
  AGENT_TIMEOUT_SECONDS: wholeNumber(1, 86_400).default(300),
  BOTS_FILE: z.string().optional(),
  GIT_AUTO_COMMIT_REPOSITORY: z.string().optional(),
  LOG_LEVEL: choice(logLevels).default("info"),
  MCP_ALLOW_URLS: flag().default(false),
  MCP_READ_ONLY: flag().default(false),
  PUBLIC_URL: z
    .string()
    .refine(
      isPublicUrl,
      "use an http or https URL without user, query and fragment, such as https://agents.example.org.",
    )
    .transform(withoutSlash)
    .optional(),
  SHUTDOWN_GRACE_SECONDS: wholeNumber(0, 3_600).default(10),
  SMTP_FROM: text(
    /^[^\r\n<>]*<[^\s@<>,]+@[^\s@<>,]+>$|^[^\s@<>,]+@[^\s@<>,]+$/,
    "use an address, such as Agents <agents@example.org>.",
  ).optional(),
  SMTP_URL: z
    .string()
    .refine(
      isSmtpUrl,
      "use smtp://user:password@host:587, or smtps:// for TLS from the first byte, with user and password percent-encoded.",
    )
    .optional(),
  WORKER_CONCURRENCY: wholeNumber(1, 1_000).default(8),
});

/** The variables the server reads. Messages name the fix and never repeat a value, which may be a secret. */
export const environmentSchema: z.ZodType<ParsedEnvironment, unknown> = fields.superRefine(
  (value, context) => {
    const needs = [...agentNeeds(value.AGENT), ...smtpNeeds(value)];
    for (const [variable, message] of needs) {
      const isTold = context.issues.some(({ path }) => path?.[0] === variable);
      if (isTold || Reflect.get(value, variable) !== undefined) continue;
      context.addIssue({ code: "custom", path: [variable], message });
    }
  },
  { when: ({ value }) => typeof value === "object" && value !== null },
);

/** What each agent cannot do without, and how to set it. */
const neededBy: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  command: { AGENT_COMMAND: "Set the command that reads the prompt on stdin and prints the result." },
  "openai-compatible": {
    AGENT_BASE_URL: "Set the URL at which the API begins, such as https://api.example.org/v1.",
    AGENT_MODEL: "Set the name of the model.",
  },
  script: { AGENT_SCRIPT: "Set the JSON file that tells what to play." },
};

function agentNeeds(agent: string): readonly (readonly [variable: string, message: string])[] {
  return Object.entries(neededBy[agent] ?? {}).map(([variable, message]) => [
    variable,
    `AGENT=${agent} needs it. ${message}`,
  ]);
}

/** Mail needs a server and a sender. */
function smtpNeeds(
  value: Pick<ParsedEnvironment, "SMTP_FROM" | "SMTP_URL">,
): readonly (readonly [string, string])[] {
  const needs: [string, string][] = [];
  if (value.SMTP_URL !== undefined)
    needs.push(["SMTP_FROM", "SMTP_URL needs it. Set the address that mail comes from."]);
  if (value.SMTP_FROM !== undefined)
    needs.push(["SMTP_URL", "SMTP_FROM needs it. Set the server that sends mail, such as smtp://host:587."]);
  return needs;
}

/** The names of all variables, in the order of their mistakes. */
export const environmentVariables: readonly string[] = Object.keys(fields.shape);

function text(pattern: RegExp, fix: string): z.ZodString {
  return z.string().regex(pattern, fix);
}

function wholeNumber(least: number, most: number): z.ZodType<number, string> {
  return z
    .string()
    .refine((value) => /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most, {
      message: `use a whole number from ${least} to ${most}.`,
    })
    .transform(Number);
}

function choice<Choice extends string>(choices: readonly Choice[]): z.ZodType<Choice, string> {
  return z.enum(choices, { error: `use one of ${choices.join(", ")}.` });
}

function flag(): z.ZodType<boolean, string> {
  return z.enum(["true", "false"], { error: "use true or false." }).transform((value) => value === "true");
}

function list(isItem: (item: string) => boolean, fix: string): z.ZodType<string[], string> {
  return z
    .string()
    .transform((value) =>
      value
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    )
    .refine((items) => items.every(isItem), fix);
}
