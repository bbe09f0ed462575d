export { openTelemetry } from "./telemetry/opentelemetry/open-telemetry.ts";
export type { OpenTelemetryOptions } from "./telemetry/opentelemetry/open-telemetry.ts";
