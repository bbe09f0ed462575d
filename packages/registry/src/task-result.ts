import type { JsonObject } from "./json.ts";

/** What an agent's run gives back. */
export interface TaskResult {
  readonly text: string;
  readonly files: readonly FileRef[];
  readonly actions: readonly ClientAction[];
}

/** A file in the server's store, named by its blob id; its bytes never travel inside a row. */
export interface FileRef {
  readonly blob_id: string;
  readonly name: string;
  readonly content_type: string;
  /** Bytes. */
  readonly size: number;
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
