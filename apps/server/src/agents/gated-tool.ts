import type { AgentRunOptions, Clock, JsonValue, ToolCall } from "@core/registry";
import { untilAborted } from "./aborted.ts";

/** What came of a call of a tool: one of the two is null. */
export interface ToolOutcome {
  readonly result: JsonValue;
  /** Why it failed or was refused. */
  readonly error: string | null;
  /** False: it was refused. */
  readonly ran: boolean;
}

/**
 * Runs a tool as every agent must: the gates are asked first, one that is refused does not run, and its start and end
 * are told. A tool that fails is an outcome; only an abort rejects.
 */
export async function gatedTool(
  call: ToolCall,
  work: () => Promise<JsonValue>,
  { signal, onEvent, allowTool }: AgentRunOptions,
  clock: Clock,
): Promise<ToolOutcome> {
  const decision = await untilAborted(signal, () => allowTool(call));
  if (!decision.allowed) {
    const error = `refused by ${decision.by}: ${decision.reason}`;
    onEvent({ type: "tool_end", ...call, duration_ms: 0, result: null, error });
    return { result: null, error, ran: false };
  }
  onEvent({ type: "tool_start", ...call });
  const startedAt = clock.now();
  const outcome = await outcomeOf(work, signal);
  const duration_ms = Math.max(0, clock.now() - startedAt);
  onEvent({ type: "tool_end", ...call, duration_ms, ...outcome });
  return { ...outcome, ran: true };
}

async function outcomeOf(
  work: () => Promise<JsonValue>,
  signal: AbortSignal,
): Promise<Pick<ToolOutcome, "result" | "error">> {
  try {
    return { result: await untilAborted(signal, work), error: null };
  } catch (error) {
    signal.throwIfAborted();
    return { result: null, error: error instanceof Error ? error.message : String(error) };
  }
}
