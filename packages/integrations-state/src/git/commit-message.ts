import type { JsonObject } from "@core/registry";

/** What a template may name beside the payload's own fields. */
export interface CommitFacts {
  readonly event: string;
  readonly files: number;
  readonly payload: JsonObject;
}

export const DEFAULT_MESSAGE = "{event}: {summary}";

const LONGEST_VALUE = 200;
const LONGEST_MESSAGE = 2_000;

/**
 * Fills `{event}`, `{files}`, `{summary}` and the payload's top-level texts and numbers into a template. Values are
 * one line each, so that nothing in a payload can pass for a trailer; what is not there is left empty. A summary that is not there
 * is the payload's `title`, or the number of files.
 */
export function commitMessage(template: string, { event, files, payload }: CommitFacts): string {
  const summary = valueOf(payload, "summary") || valueOf(payload, "title") || counted(files);
  const own: Readonly<Record<string, string>> = { event, files: String(files), summary };
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    oneLine(Object.hasOwn(own, name) ? (own[name] ?? "") : valueOf(payload, name)),
  );
  return shortened(filled.trim(), LONGEST_MESSAGE) || oneLine(event) || "auto-commit";
}

function valueOf(payload: JsonObject, name: string): string {
  const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
  return typeof value === "string" || typeof value === "number" ? oneLine(String(value)) : "";
}

function counted(files: number): string {
  return files === 1 ? "1 file" : `${files} files`;
}

/** Without line ends, control characters and those that turn the direction of text. */
function oneLine(text: string): string {
  const plain = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .trim();
  return shortened(plain, LONGEST_VALUE);
}

/** Cut between characters, not within one. */
function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
