export { opentelemetryHooks } from "./diagnostics/opentelemetry/opentelemetry-hooks.ts";
export type { OpentelemetryOptions } from "./diagnostics/opentelemetry/opentelemetry-hooks.ts";
export type { DiagnosticHooks } from "./diagnostics/diagnostic-hooks.ts";
