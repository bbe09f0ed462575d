import type { FieldIssue, IntegrationInstance } from "@core/registry";
import type { HealthProbe } from "./integration-health.ts";

/** What has become of one integration. */
export type IntegrationState =
  | { readonly status: "starting" | "stopped" }
  | { readonly status: "ready"; readonly active?: ActiveInstance }
  | { readonly status: "not_configured"; readonly missing: readonly string[] }
  | { readonly status: "not_configured"; readonly issues: readonly FieldIssue[] }
  | { readonly status: "failed"; readonly error: string };

/** An instance that is at work. */
export interface ActiveInstance {
  readonly instance: IntegrationInstance;
  /** Takes its dispatcher and its hooks back. */
  deactivate(): void;
  /** Missing: it tells nothing of its health. */
  readonly health?: HealthProbe;
}
