import type { Logger } from "@core/registry";
import { pino } from "pino";
import pretty from "pino-pretty";
import type { LogLevel } from "./environment-schema.ts";
import type { Masking } from "./masking.ts";

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly masking: Masking;
  /** Where lines go. Default: the standard output, as JSON, or readable when it is a terminal. */
  readonly write?: (line: string) => void;
}

/** Logs one JSON object per line, without secrets: by field name, by known value, and URLs without their paths. */
export function createLogger(options: LoggerOptions): Logger {
  const { level, masking, write = defaultWrite() } = options;
  const fields = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretPaths, censor: "***" },
  };
  return pino(fields, { write: (line) => write(masking.apply(line)) });
}

const secretNames = [
  "api_key",
  "apiKey",
  "authorization",
  "Authorization",
  "cookie",
  "credentials",
  "encryptionKey",
  "headers",
  "password",
  "secret",
  "signingSecret",
  "token",
  "databaseUrl",
  "connectionString",
];

/** pino has no "at any depth": three levels cover what is logged here. */
const secretPaths: string[] = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

function defaultWrite(): (line: string) => void {
  if (!process.stdout.isTTY) return (line) => void process.stdout.write(line);
  const readable = pretty({
    sync: true,
    colorize: process.env["NO_COLOR"] === undefined,
    ignore: "pid,hostname",
  });
  return (line) => void readable.write(line);
}
