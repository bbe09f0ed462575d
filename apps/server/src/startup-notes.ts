import { relative } from "node:path";
import type { AgentConfiguration } from "./configuration.ts";
import type { Key } from "./keys.ts";

export interface StartupFacts {
  readonly url: string;
  readonly database: string;
  readonly agent: AgentConfiguration;
  readonly apiKey: Key;
  readonly version: string;
}

/** What a person reads at a start: where the server is, and a line that posts a task. Shows the key once, when it was made. */
export function startupNotes({ url, database, agent, apiKey, version }: StartupFacts): string {
  return [
    "",
    `  Agent server ${version} listens on ${url}`,
    `  database  ${database}`,
    `  agent     ${agent.type === "command" ? `command (${agent.command[0]})` : agent.type}`,
    `  API key   ${whereKeyIs(apiKey)}`,
    "",
    "  Post a task:",
    `  curl ${url}/api/v1/tasks -H "Authorization: Bearer ${keyInShell(apiKey)}" -H "Content-Type: application/json" -d '{"prompt":"Hello"}'`,
    "",
    "",
  ].join("\n");
}

/** The key that a failed first start has made already, so that it is shown once all the same. */
export function generatedKeyNote(apiKey: Key): string {
  return `\n  API key   ${whereKeyIs(apiKey)}\n\n`;
}

/** Where the database is, without user and password. */
export function databaseNote(databaseUrl: string | null, dataDir: string): string {
  if (databaseUrl === null) return `PGlite in ${shown(dataDir)}/pglite`;
  const { hostname, port, pathname } = new URL(databaseUrl);
  return `PostgreSQL at ${hostname || "localhost"}:${port || "5432"}${pathname}`;
}

function whereKeyIs({ source, value, file }: Key): string {
  if (file === null) return "from API_KEY";
  return source === "generated" ? `${value}  (shown only now; kept in ${shown(file)})` : `in ${shown(file)}`;
}

function keyInShell({ source, value, file }: Key): string {
  if (file === null) return "$API_KEY";
  return source === "generated" ? value : `$(cat '${shown(file)}')`;
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || short === "" ? path : `./${short}`;
}
