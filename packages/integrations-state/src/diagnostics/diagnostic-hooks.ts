import type { JsonObject } from "@core/registry";

/** Told what happens, for metrics and traces. Nothing they are told holds a secret; what they throw is contained. */
export interface DiagnosticHooks {
  emitMetric?(metric: DiagnosticMetric): void;
  emitEvent?(event: DiagnosticEvent): void;
  emitError?(error: DiagnosticError): void;
}

export interface DiagnosticMetric {
  /** Such as `integrations.webhook.sent`. */
  readonly name: string;
  readonly value: number;
  /** Low in cardinality: channels, event names, outcomes; never ids or addresses. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface DiagnosticEvent {
  /** Such as `integrations.webhook.registered`. */
  readonly name: string;
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
export function createDiagnostics(initial: DiagnosticHooks = {}): Diagnostics {
  let hooks = initial;
  return {
    setHooks: (next) => {
      hooks = next;
    },
    metric: (name, value, attributes = {}) =>
      contained(() => hooks.emitMetric?.({ name, value, attributes })),
    event: (name, attributes = {}) => contained(() => hooks.emitEvent?.({ name, attributes })),
    error: (operation, error, attributes = {}) =>
      contained(() => hooks.emitError?.({ operation, error, attributes })),
  };
}

function contained(call: () => unknown): void {
  try {
    // A hook may be an async function, whatever its type says.
    Promise.resolve(call()).catch(() => undefined);
  } catch {
    // Observing must not break what is observed.
  }
}
