/** The variables of the server that hold secrets, which neither integrations nor an agent's command may see. */
const ownSecretVariables: readonly string[] = [
  "API_KEY",
  "SIGNING_SECRET",
  "ENCRYPTION_KEY",
  "DATABASE_URL",
  "AGENT_API_KEY",
  "SMTP_URL",
];

/** An environment without them and without others that are secret. */
export function withoutOwnSecrets(
  environment: Readonly<Record<string, string | undefined>>,
  others: Iterable<string> = [],
): Readonly<Record<string, string | undefined>> {
  const secret = new Set([...ownSecretVariables, ...others]);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !secret.has(name)));
}
