import type { Integration } from "@core/registry";

/** Variables by name, such as those of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that an integration declares. */
export interface DeclaredVariable {
  readonly name: string;
  readonly required: boolean;
  readonly secret: boolean;
}

/** The variables of an integration, the required ones first, each once. */
export function declaredVariables({ environment = {} }: Integration): readonly DeclaredVariable[] {
  const { required = [], optional = [], secret = [] } = environment;
  const names = new Set([...required, ...optional]);
  return [...names].map((name) => ({
    name,
    required: required.includes(name),
    secret: secret.includes(name),
  }));
}

/** The value of a variable; one that is missing or only blanks has none. */
export function variableValue(environment: Environment, name: string): string | undefined {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  return value === undefined || value.trim() === "" ? undefined : value;
}

/** The required variables that have no value. */
export function missingVariables(integration: Integration, environment: Environment): readonly string[] {
  return declaredVariables(integration)
    .filter(({ name, required }) => required && variableValue(environment, name) === undefined)
    .map(({ name }) => name);
}

/** The declared variables that are set and not secret, as an integration may read them. */
export function plainSettings(
  integration: Integration,
  environment: Environment,
): Readonly<Record<string, string>> {
  const settings = declaredVariables(integration).flatMap(({ name, secret }): [string, string][] => {
    const value = secret ? undefined : variableValue(environment, name);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(settings);
}

/** The origins of the http and https addresses among an integration's settings: its operator trusts them. */
export function trustedOrigins(integration: Integration, environment: Environment): readonly string[] {
  const origins = Object.values(plainSettings(integration, environment)).flatMap((value) => {
    const url = URL.parse(value);
    return url !== null && /^https?:$/.test(url.protocol) ? [url.origin] : [];
  });
  return [...new Set(origins)];
}

/** The variables without those that others keep secret and this integration does not: to it they are not set. */
export function withoutSecretsOfOthers(
  integration: Integration,
  environment: Environment,
  secrets: readonly string[],
): Environment {
  const plain = declaredVariables(integration).filter(({ secret }) => !secret);
  const foreign = plain.filter(({ name }) => secrets.includes(name)).map(({ name }) => name);
  if (foreign.length === 0) return environment;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !foreign.includes(name)));
}

/**
 * Names of all variables that any of the integrations keeps secret: what a server hides in its log and keeps from the
 * programs that it starts.
 */
export function secretVariables(integrations: readonly Integration[]): readonly string[] {
  return [...new Set(integrations.flatMap(({ environment }) => environment?.secret ?? []))];
}
