import { fieldIssues } from "@core/registry";
import type { FieldIssue, Integration } from "@core/registry";
import { plainSettings } from "./integration-environment.ts";
import type { Environment } from "./integration-environment.ts";

export type SettingsResult =
  | { readonly ok: true; readonly config: unknown }
  | { readonly ok: false; readonly issues: readonly FieldIssue[] };

/** Reads an integration's settings with its schema; without one they are the texts themselves, by name. */
export async function readSettings(
  integration: Integration,
  environment: Environment,
): Promise<SettingsResult> {
  const settings = plainSettings(integration, environment);
  if (integration.config === undefined) return { ok: true, config: settings };
  const result = await integration.config["~standard"].validate(settings);
  return result.issues === undefined
    ? { ok: true, config: result.value }
    : { ok: false, issues: fieldIssues(result.issues) };
}
