import type { Clock } from "./clock.ts";
import { IntegrationError } from "./errors.ts";
import { callListener } from "./hook-call.ts";
import type { Tap } from "./hook-call.ts";
import type { HookCall, HookContext } from "./hook-events.ts";

/** The events that wait for one observer: in order within a correlation id, side by side across them. */
export interface ObserverQueue {
  push(context: HookContext, data: HookCall["data"]): void;
  /** Resolves when all that was pushed before has been seen. */
  flushed(): Promise<void>;
  /** Drops what waits and takes nothing more; a call that runs goes on to its end. */
  close(): void;
}

export interface ObserverQueueOptions {
  readonly clock: Clock;
  readonly queueLimit: number;
  readonly timeoutMs: number;
  readonly report: (tap: Tap, error: IntegrationError) => void;
}

interface WaitingEvent {
  readonly context: HookContext;
  readonly data: HookCall["data"];
}

/** Called when its place in a line is reached. */
type FlushMark = () => void;

/** The line of one correlation id; a listener that answers at once drains it without a promise. */
type Line = (WaitingEvent | FlushMark)[];

export function createObserverQueue(tap: Tap, options: ObserverQueueOptions): ObserverQueue {
  const { clock, queueLimit, timeoutMs, report } = options;
  const lines = new Map<string, Line>();
  let closed = false;
  /** Events that wait or run. */
  let pending = 0;
  let dropped = 0;
  /** Events without a correlation id have no order to keep: each gets a line of its own. */
  let anonymous = 0;

  return { push, flushed, close };

  function push(context: HookContext, data: HookCall["data"]): void {
    if (closed) return;
    if (pending >= queueLimit) return drop();
    pending += 1;
    const key = context.correlation_id ?? `\u0000${(anonymous += 1)}`;
    const line = lines.get(key);
    if (line !== undefined) {
      line.push({ context, data });
      return;
    }
    const opened: Line = [{ context, data }];
    lines.set(key, opened);
    queueMicrotask(() => void drain(key, opened));
  }

  async function flushed(): Promise<void> {
    const reached = [...lines.values()].map((line) => new Promise<void>((mark) => line.push(mark)));
    await Promise.all(reached);
  }

  function close(): void {
    closed = true;
    for (const line of lines.values()) {
      line.splice(0, line.length, ...line.filter((next) => typeof next === "function"));
    }
  }

  async function drain(key: string, line: Line): Promise<void> {
    for (let next = line.shift(); next !== undefined; next = line.shift()) {
      if (typeof next === "function") {
        next();
        continue;
      }
      const called = callListener(tap, next.context, next.data, clock, timeoutMs);
      const outcome = called instanceof Promise ? await called : called;
      if (!outcome.ok) report(tap, outcome.error);
      pending -= 1;
    }
    lines.delete(key);
    if (pending === 0) dropped = 0;
  }

  function drop(): void {
    dropped += 1;
    if (dropped === 1) report(tap, queueFull(tap, queueLimit));
  }
}

function queueFull({ event, owner }: Tap, queueLimit: number): IntegrationError {
  return new IntegrationError({
    code: "HOOK_QUEUE_FULL",
    message: `${queueLimit} ${event} events wait for the hook of "${owner}"; new ones are dropped until it has caught up. Make the listener faster.`,
    details: { event, owner, queueLimit },
  });
}
