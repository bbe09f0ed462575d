import { PassingError } from "../commands/command.ts";
import type { ServedTool } from "./served-tool.ts";

/** Tools, and what has to be let go of when they are not needed any more. */
export interface ToolSource extends AsyncDisposable {
  readonly tools: readonly ServedTool[];
  /** Where their work is done, for a log. */
  readonly place: string;
}

/** Thrown by a call of a tool when the server that does its work does not answer. */
export class ServerGoneError extends PassingError {
  /** Whether the server may have got the call all the same. */
  readonly mayHaveArrived: boolean;

  constructor(message: string, options: { readonly mayHaveArrived: boolean; readonly cause?: unknown }) {
    super(message, options);
    this.mayHaveArrived = options.mayHaveArrived;
  }
}
