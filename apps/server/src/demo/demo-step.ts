import { setTimeout as sleep } from "node:timers/promises";
import type { DemoPrinter } from "./demo-printer.ts";

export interface DemoStepsOptions {
  readonly printer: DemoPrinter;
  /** Ends the step that is being played; its reason is told. */
  readonly signal: AbortSignal;
  /** How long a step may take. */
  readonly limitMs: number;
}

/** Shows a title, plays what belongs to it, and names the step in the error if that fails. */
export type DemoStep = <Value>(
  title: string,
  play: (signal: AbortSignal) => Promise<Value>,
) => Promise<Value>;

const DEATH_NOTICE_MS = 200;

/** Which step failed and why. */
export class DemoStepError extends Error {
  override readonly name = "DemoStepError";
}

/** Steps that count themselves. */
export function createDemoSteps({ printer, signal, limitMs }: DemoStepsOptions): DemoStep {
  let number = 0;
  return async (title, play) => {
    number += 1;
    printer.step(number, title);
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new Error(`It was not done within ${limitMs / 1_000} seconds.`)),
      limitMs,
    );
    const within = AbortSignal.any([signal, late.signal]);
    try {
      within.throwIfAborted();
      return await play(within);
    } catch (error) {
      // A dying server breaks its connections a moment before it is known to be dead.
      await sleep(DEATH_NOTICE_MS, undefined, { signal: within }).catch(() => undefined);
      // What waits only says that it was aborted; the signal knows why.
      const cause: unknown = within.aborted ? within.reason : error;
      throw new DemoStepError(`Step ${number} failed (${title}). ${reasonOf(cause)}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  };
}

/** With its causes: `fetch failed` alone says nothing. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${reasonOf(error.cause)})`;
}
