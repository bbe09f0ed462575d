import type { JsonObject, Logger } from "@core/registry";
import { silentLogger } from "@core/registry";

/**
 * Told what happens, for metrics and traces. Nothing they are told holds a secret; what they give back is ignored, and
 * what they throw or reject with is logged.
 */
export interface DiagnosticHooks {
  emitMetric?(metric: DiagnosticMetric): unknown;
  emitEvent?(event: DiagnosticEvent): unknown;
  emitError?(error: DiagnosticError): unknown;
}

export interface DiagnosticMetric {
  /** Such as `integrations.webhook.sent`. One that ends in `_ms` is a duration; all others count, and add up. */
  readonly name: string;
  readonly value: number;
  /** Low in cardinality: channels, event names, outcomes; never ids or addresses. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface DiagnosticEvent {
  /** Such as `integrations.webhook.registered`. */
  readonly name: string;
  /** `took_ms` says how long it took until now, of what takes time. */
  readonly attributes: JsonObject;
}

export interface DiagnosticError {
  /** What was being done, such as `integrations.webhook.emit`. */
  readonly operation: string;
  readonly error: unknown;
  readonly attributes: JsonObject;
}

/** The hooks of one instance, which may be replaced while it lives. */
export interface Diagnostics {
  setHooks(hooks: DiagnosticHooks): void;
  metric(name: string, value: number, attributes?: DiagnosticMetric["attributes"]): void;
  event(name: string, attributes?: JsonObject): void;
  error(operation: string, error: unknown, attributes?: JsonObject): void;
}

/** Calls hooks so that a throwing one, or one that rejects, breaks nothing. */
export function createDiagnostics(initial: DiagnosticHooks = {}, logger: Logger = silentLogger): Diagnostics {
  let hooks = initial;
  return {
    setHooks: (next) => {
      hooks = next;
    },
    metric: (name, value, attributes = {}) =>
      contain(() => hooks.emitMetric?.({ name, value, attributes }), logger),
    event: (name, attributes = {}) => contain(() => hooks.emitEvent?.({ name, attributes }), logger),
    error: (operation, error, attributes = {}) =>
      contain(() => hooks.emitError?.({ operation, error, attributes }), logger),
  };
}

function contain(call: () => unknown, logger: Logger): void {
  const report = (error: unknown): void =>
    logger.error({ err: error }, "A diagnostic hook failed; the work goes on.");
  try {
    const answer = call();
    if (answer instanceof Promise) answer.catch(report);
  } catch (error) {
    report(error);
  }
}
