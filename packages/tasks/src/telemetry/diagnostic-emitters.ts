import type { Logger } from "@core/registry";
import type { DiagnosticAttributes, Diagnostics } from "./diagnostics.ts";

/** The hooks, each of which may be called whether it is there or not, and cannot do harm. */
export interface DiagnosticEmitters {
  metric(name: string, value: number, attributes: DiagnosticAttributes): void;
  event(name: string, attributes: DiagnosticAttributes): void;
  fail(error: unknown, attributes: DiagnosticAttributes): void;
  /** Logs what a hook threw, or what kept it from being called. */
  report(error: unknown): void;
}

export function diagnosticEmitters(hooks: Diagnostics, logger: Logger): DiagnosticEmitters {
  return {
    metric: (name, value, attributes) => contain(() => hooks.emitMetric?.(name, value, attributes)),
    event: (name, attributes) => contain(() => hooks.emitEvent?.(name, attributes)),
    fail: (error, attributes) => contain(() => hooks.emitError?.(error, attributes)),
    report,
  };

  function contain(call: () => unknown): void {
    try {
      const answer = call();
      if (answer instanceof Promise) answer.catch(report);
    } catch (error) {
      report(error);
    }
  }

  function report(error: unknown): void {
    logger.error({ err: error }, "Diagnostics failed; the queue goes on.");
  }
}
