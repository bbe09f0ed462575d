import type { HookCall } from "@core/registry";
import { escapeText } from "../escaped-text.ts";
import { splitText } from "../split-text.ts";

const NAME_CHARACTERS = 80;
const MOST_ARGUMENTS = 8;
const ERROR_CHARACTERS = 200;

/** What the audit channel says of one call of a tool: never what its arguments hold, nor what it gave back. */
export function auditLine({ context, data }: HookCall<"after_tool_call">): string {
  const { tool_name: tool, tool_args: args, duration_ms: durationMs, error } = data;
  const by = context.bot_id === null ? "" : ` by ${code(context.bot_id)}`;
  const facts = [`${code(tool)}${by}`, `${Math.round(durationMs)} ms`, ...argumentNames(Object.keys(args))];
  if (error !== null) facts.push(`failed: ${short(withoutSecrets(error), ERROR_CHARACTERS)}`);
  return facts.join(" · ");
}

function argumentNames(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, MOST_ARGUMENTS).map(code).join(", ");
  const more = names.length - MOST_ARGUMENTS;
  return [more > 0 ? `${shown} and ${more} more` : shown];
}

/** A grave accent would end the code. */
function code(name: string): string {
  return `\`${short(name.replaceAll("`", "'"), NAME_CHARACTERS) || "?"}\``;
}

function short(text: string, characters: number): string {
  const line = escapeText(text.replaceAll(/\s+/g, " ").trim());
  if (line.length <= characters) return line;
  const [beginning = ""] = splitText(line, characters - 1);
  return `${beginning}…`;
}

/** Errors quote what was sent: addresses with keys in them, headers, tokens. */
function withoutSecrets(text: string): string {
  return text
    .replaceAll(/(\w+:\/\/)(?:[^\s/@]*@)?([^\s/?#"']+)[/?#][^\s"']*/g, "$1$2/…")
    .replaceAll(/\b(bearer|basic)\s+\S+/gi, "$1 …")
    .replaceAll(/\b((?:api[_-]?)?key|token|secret|password|authorization)(["']?\s*[=:]\s*)\S+/gi, "$1$2…")
    .replaceAll(/[\w+/=-]{20,}/g, (word) => (/\d/.test(word) && /[a-z]/i.test(word) ? "…" : word));
}
