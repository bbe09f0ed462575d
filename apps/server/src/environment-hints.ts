import type { Integration } from "@core/registry";
import { environmentVariables } from "./environment-schema.ts";
import { nameDistance } from "./similar-name.ts";

/** A sentence for each variable that was probably meant to be one of ours or of the integrations. */
export function environmentHints(
  environment: Readonly<Record<string, string | undefined>>,
  integrations: readonly Integration[],
): readonly string[] {
  const read = [...environmentVariables, ...integrations.flatMap(variablesOf)];
  const missing = read.filter((variable) => environment[variable] === undefined);
  return Object.keys(environment).flatMap((name) => {
    if (foreign.has(name) || read.includes(name)) return [];
    const meant = missing.find((variable) => nameDistance(name, variable) <= tolerance(variable));
    return meant === undefined ? [] : [`The variable ${name} is not read. Did you mean ${meant}?`];
  });
}

function variablesOf({ environment: { required = [], optional = [] } = {} }: Integration): readonly string[] {
  return [...required, ...optional];
}

/** Near to ours, and usual in other programs. */
const foreign = new Set(["LOGLEVEL", "DATABASE_URI"]);

/** Short names are near to too many others: of them only the separators may differ, of the shortest nothing. */
function tolerance(variable: string): number {
  const { length } = variable.replaceAll("_", "");
  if (length >= 12) return 2;
  if (length >= 8) return 1;
  return length >= 6 ? 0 : -1;
}
