/** The variables of the server that hold secrets, which neither integrations nor an agent's command may see. */
export const ownSecretVariables: readonly string[] = [
  "API_KEY",
  "SIGNING_SECRET",
  "ENCRYPTION_KEY",
  "DATABASE_URL",
  "AGENT_API_KEY",
];

/** An environment without them. */
export function withoutOwnSecrets(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const open = Object.entries(environment).filter(([name]) => !ownSecretVariables.includes(name));
  return Object.fromEntries(open);
}
