import type { JsonObject } from "./json.ts";

/** What an agent's run gives back. */
export interface TaskResult {
  readonly text: string;
  readonly files: readonly FileRef[];
  readonly actions: readonly ClientAction[];
  /** What the run cost; missing where the agent cannot tell. */
  readonly usage?: TokenUsage;
}

/** Tokens over all calls of a model. */
export interface TokenUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
}

/** A file in the server's store, named by its blob id; its bytes never travel inside a row. */
export interface FileRef {
  readonly blob_id: string;
  readonly name: string;
  readonly content_type: string;
  /** Bytes. */
  readonly size: number;
}

/** Where a file can be fetched without a key, for as long as it lasts. */
export interface FileLink {
  readonly url: string;
  /** ISO 8601. */
  readonly expires_at: string;
}

/** Something the client that shows the result is asked to do; open to any `type`. */
export interface ClientAction {
  readonly type: string;
  readonly [key: string]: JsonObject[string];
}

/** A result that is text and nothing else. */
export function textResult(text: string): TaskResult {
  return { text, files: [], actions: [] };
}
