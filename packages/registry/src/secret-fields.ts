import type { FieldIssue } from "./standard-schema.ts";

/** A field whose name ends so, written without separators, holds a secret: `token`, `botToken`, `X-API-Key`. */
const SECRET_ENDINGS = [
  "token",
  "secret",
  "password",
  "passwd",
  "passphrase",
  "apikey",
  "accesskey",
  "privatekey",
  "signingkey",
  "authorization",
  "credential",
  "credentials",
];

/** Deeper values are refused unread, so that a hostile one cannot exhaust the stack. */
const MAX_DEPTH = 32;

/**
 * Finds what must never be stored in a target: fields that are named like a secret, and URLs that carry a
 * user name or password. Secrets belong to the operator's settings and are resolved when a delivery is sent.
 */
export function secretIssues(value: unknown): FieldIssue[] {
  return issuesAt(value, []);
}

function issuesAt(value: unknown, path: readonly string[]): FieldIssue[] {
  const field = path.join(".");
  if (typeof value === "string") return hasUrlCredentials(value) ? [urlIssue(field)] : [];
  if (typeof value !== "object" || value === null) return [];
  if (path.length >= MAX_DEPTH) return [depthIssue(field)];
  return Object.entries(value).flatMap(([key, child]) =>
    isSecretName(key) ? [nameIssue([...path, key].join("."))] : issuesAt(child, [...path, key]),
  );
}

function isSecretName(key: string): boolean {
  const letters = key.toLowerCase().replaceAll(/[^a-z]/g, "");
  return SECRET_ENDINGS.some((ending) => letters.endsWith(ending));
}

function hasUrlCredentials(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.username !== "" || url.password !== "";
}

function nameIssue(field: string): FieldIssue {
  return {
    field,
    message: `A target holds no secrets. Remove "${field}" and let the server's settings name the secret.`,
  };
}

function urlIssue(field: string): FieldIssue {
  return { field, message: "The URL carries a user name or password. Remove them from the URL." };
}

function depthIssue(field: string): FieldIssue {
  return { field, message: `The target is nested deeper than ${MAX_DEPTH} levels. Make it flatter.` };
}
