import type { DispatcherDeclaration } from "./dispatcher.ts";
import { secretIssues } from "./secret-fields.ts";
import type { FieldIssue } from "./standard-schema.ts";
import { fieldIssues } from "./standard-schema.ts";

export type TargetResult =
  | { readonly ok: true; readonly target: unknown }
  | { readonly ok: false; readonly issues: readonly FieldIssue[] };

/**
 * Reads a target when it is written: refuses secrets by field name, then applies the dispatcher's schema.
 * What it returns is what is stored; a reader trusts it.
 */
export async function parseTarget(dispatcher: DispatcherDeclaration, value: unknown): Promise<TargetResult> {
  const secrets = secretIssues(value);
  if (secrets.length > 0) return { ok: false, issues: secrets };
  if (dispatcher.target === undefined) return parseEmptyTarget(value);
  const result = await dispatcher.target["~standard"].validate(value ?? {});
  if (result.issues) return { ok: false, issues: fieldIssues(result.issues) };
  return { ok: true, target: result.value };
}

/** Reads a stored target: as it is, unless the dispatcher widens old shapes with `storedTarget`. */
export async function readStoredTarget(
  dispatcher: DispatcherDeclaration,
  value: unknown,
): Promise<TargetResult> {
  if (dispatcher.storedTarget === undefined) return { ok: true, target: value };
  const result = await dispatcher.storedTarget["~standard"].validate(value);
  return result.issues
    ? { ok: false, issues: fieldIssues(result.issues) }
    : { ok: true, target: result.value };
}

function parseEmptyTarget(value: unknown): TargetResult {
  if (value === undefined || value === null) return { ok: true, target: {} };
  if (typeof value !== "object" || Array.isArray(value)) return { ok: false, issues: [notEmpty] };
  const issues = Object.keys(value).map(unknownField);
  return issues.length === 0 ? { ok: true, target: {} } : { ok: false, issues };
}

const notEmpty: FieldIssue = { field: "", message: "This dispatch type takes no target. Leave it out." };

function unknownField(field: string): FieldIssue {
  return { field, message: `This dispatch type takes no target. Remove "${field}".` };
}
