import type { Logger } from "@core/registry";
import type { Observation, Telemetry } from "./telemetry.ts";

/** Several as one, none as null. What one of them throws is logged, and neither the queue nor the others notice. */
export function combinedTelemetry(all: readonly Telemetry[], logger: Logger): Telemetry | null {
  if (all.length === 0) return null;
  const tellAll = (tell: (one: Telemetry) => void): void => all.forEach((one) => contain(() => tell(one)));

  return {
    enqueue: (facts) => observe((one) => one.enqueue(facts)),
    process: (facts) => observe((one) => one.process(facts)),
    deliver: (facts) => observe((one) => one.deliver(facts)),
    leaseLost: (facts) => tellAll((one) => one.leaseLost(facts)),
    recovered: (facts) => tellAll((one) => one.recovered(facts)),
    watchQueues(read) {
      const ends: (() => void)[] = [];
      tellAll((one) => ends.push(one.watchQueues(read)));
      return () => ends.forEach(contain);
    },
  };

  function observe<End>(begin: (one: Telemetry) => Observation<End>): Observation<End> {
    const begun: Observation<End>[] = [];
    tellAll((one) => begun.push(begin(one)));
    const within = <Result>(work: () => Result): Result =>
      begun.reduce((inner, one) => () => withinOne(one, inner), work)();
    return {
      traceContext: begun.find(({ traceContext }) => traceContext !== null)?.traceContext ?? null,
      within,
      end: (how) => begun.forEach((one) => contain(() => one.end(how))),
    };
  }

  /** The work is done whatever becomes of the observing. */
  function withinOne<Result>(one: Observation<never>, work: () => Result): Result {
    let hasBegun = false;
    try {
      return one.within(() => {
        hasBegun = true;
        return work();
      });
    } catch (error) {
      if (hasBegun) throw error;
      report(error);
      return work();
    }
  }

  function contain(call: () => void): void {
    try {
      call();
    } catch (error) {
      report(error);
    }
  }

  function report(error: unknown): void {
    logger.error({ err: error }, "Telemetry failed; the queue goes on.");
  }
}
