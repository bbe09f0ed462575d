import type { Clock } from "@core/registry";
import { withinDeadline } from "./deadline.ts";
import { HostError } from "./errors.ts";

/** How long an integration may take for each of its steps. */
interface StepLimits {
  readonly setupTimeoutMs: number;
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly healthTimeoutMs: number;
}

type StepName = "config" | "setup" | "start" | "stop" | "health";

/** One step of an integration's life. */
export interface Step<Result> {
  /** Whose. */
  readonly type: string;
  readonly name: StepName;
  run(signal: AbortSignal): Result | PromiseLike<Result>;
  /** Receives what the step gives after it was given up. */
  onLate?(result: Result): void;
}

export interface StepDeps {
  readonly clock: Clock;
  readonly limits: StepLimits;
  /** Aborted when the integration is to stop: the step then has as long as a stop to end by itself. */
  readonly unwanted?: AbortSignal;
}

const LIMITS: Readonly<Record<StepName, keyof StepLimits>> = {
  config: "setupTimeoutMs",
  setup: "setupTimeoutMs",
  start: "startTimeoutMs",
  stop: "stopTimeoutMs",
  health: "healthTimeoutMs",
};

/**
 * What a step gives in its time.
 * @throws HostError HOST_TIMEOUT, or the reason of `unwanted`
 */
export function runStep<Result>(step: Step<Result>, deps: StepDeps): Promise<Result> {
  const { clock, limits, unwanted } = deps;
  return withinDeadline((signal) => step.run(signal), {
    clock,
    limitMs: limits[LIMITS[step.name]],
    late: () => stepTimedOut(step, limits),
    onLate: (result) => step.onLate?.(result),
    graceMs: limits.stopTimeoutMs,
    ...(unwanted && { unwanted }),
  });
}

function stepTimedOut({ type, name }: Pick<Step<unknown>, "type" | "name">, limits: StepLimits): HostError {
  const option = LIMITS[name];
  const timeoutMs = limits[option];
  return new HostError({
    code: "HOST_TIMEOUT",
    message: `The ${name} of integration "${type}" did not end within ${timeoutMs} ms and was given up. Find out what it waits for, or give it more time with ${option}.`,
    retryable: true,
    details: { type, step: name, timeoutMs },
  });
}
