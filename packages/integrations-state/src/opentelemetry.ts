export type { DiagnosticHooks } from "./diagnostics/diagnostic-hooks.ts";
