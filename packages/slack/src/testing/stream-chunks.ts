import type { ApiAnswer, Args } from "./api-call.ts";
import { characters, jsonArgument, refused } from "./api-call.ts";
import { blocksRefusal } from "./block-limits.ts";
import { MARKDOWN_CHARACTERS } from "./message-rules.ts";

/** What one call adds to a stream. */
export interface StreamPiece {
  readonly text: string;
  /** Tasks, plans and blocks, as they came. */
  readonly others: readonly Chunk[];
}

export interface Chunk {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Reads `markdown_text` or `chunks`; without either it is empty. */
export function streamPiece(args: Args): StreamPiece | ApiAnswer {
  const { markdown_text: markdown, chunks } = args;
  if (markdown !== undefined && chunks !== undefined) {
    return refused("invalid_arguments", "markdown_text and chunks cannot be used together");
  }
  if (markdown !== undefined) return withinLimit({ text: markdown, others: [] });
  if (chunks === undefined) return { text: "", others: [] };
  const parsed = jsonArgument(chunks);
  if (!Array.isArray(parsed)) return refused("invalid_chunks", "must be an array [json-pointer:/chunks]");
  for (const [index, chunk] of parsed.entries()) {
    const issue = chunkIssue(chunk);
    if (issue !== undefined) return refused("invalid_chunks", `${issue} [json-pointer:/chunks/${index}]`);
  }
  return withinLimit(pieceOf(parsed as Chunk[]));
}

/** How much of a message's room a piece takes, in bytes. */
export function pieceBytes({ text, others }: StreamPiece): number {
  const written = others.length === 0 ? "" : JSON.stringify(others);
  return Buffer.byteLength(text) + Buffer.byteLength(written);
}

function pieceOf(chunks: readonly Chunk[]): StreamPiece {
  const texts = chunks.filter(({ type }) => type === "markdown_text").map(({ text }) => String(text));
  return { text: texts.join(""), others: chunks.filter(({ type }) => type !== "markdown_text") };
}

function withinLimit(piece: StreamPiece): StreamPiece | ApiAnswer {
  return characters(piece.text) > MARKDOWN_CHARACTERS ? refused("msg_too_long") : piece;
}

const TASK_STATES = ["pending", "in_progress", "complete", "error"];

function chunkIssue(chunk: unknown): string | undefined {
  if (typeof chunk !== "object" || chunk === null || !("type" in chunk))
    return "must be an object with a type";
  const fields: Readonly<Record<string, unknown>> = { ...chunk };
  switch (fields["type"]) {
    case "markdown_text":
      return typeof fields["text"] === "string" ? undefined : "missing required field: text";
    case "plan_update":
      return typeof fields["title"] === "string" ? undefined : "missing required field: title";
    case "task_update":
      return taskIssue(fields);
    case "blocks":
      return blocksRefusal(fields["blocks"])?.error;
    default:
      return `unsupported type: ${String(fields["type"])}`;
  }
}

function taskIssue({ id, title, status }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof id !== "string" || typeof title !== "string") return "missing required field: id or title";
  return TASK_STATES.includes(String(status)) ? undefined : `status must be one of ${TASK_STATES.join(", ")}`;
}
