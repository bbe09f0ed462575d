import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Logger } from "@core/registry";
import type { Configuration } from "./configuration.ts";
import { ensureKeyFile } from "./key-file.ts";

/** The secrets of one server, and its name among workers. */
export interface Keys {
  readonly apiKey: Key;
  /** Signs webhook dispatches: `whsec_…`. */
  readonly signingSecret: Key;
  /** The base64 of 32 bytes. */
  readonly encryptionKey: Key;
  /** The same over restarts on one data folder. */
  readonly workerId: string;
}

export interface Key {
  readonly value: string;
  readonly source: "environment" | "file" | "generated";
  /** Where it lies; null when it comes from the environment. */
  readonly file: string | null;
}

/**
 * Takes each key from the environment, else from its file in the data folder, which is made at the first start.
 * The caller holds the lock of the folder.
 * @throws KeyFileError when a file holds something that cannot be used
 */
export async function resolveKeys(
  configuration: Pick<Configuration, "dataDir" | "apiKey" | "signingSecret" | "encryptionKey">,
  logger: Logger,
): Promise<Keys> {
  const { dataDir } = configuration;
  const keyOf = (given: string | null, kind: KeyKind): Promise<Key> => keyIn(dataDir, given, kind, logger);
  return {
    apiKey: await keyOf(configuration.apiKey, apiKeys),
    signingSecret: await keyOf(configuration.signingSecret, signingSecrets),
    encryptionKey: await resolveEncryptionKey(configuration, logger),
    workerId: (await keyOf(null, workerIds)).value,
  };
}

/** The same for one of them alone, so that the first start of a server still shows the API key that it makes. */
export function resolveEncryptionKey(
  { dataDir, encryptionKey }: Pick<Configuration, "dataDir" | "encryptionKey">,
  logger: Logger,
): Promise<Key> {
  return keyIn(dataDir, encryptionKey, encryptionKeys, logger);
}

async function keyIn(dataDir: string, given: string | null, kind: KeyKind, logger: Logger): Promise<Key> {
  if (given !== null) return { value: given, source: "environment", file: null };
  const { name, ...rest } = kind;
  const file = join(dataDir, name);
  const { value, created } = await ensureKeyFile({ file, ...rest, logger });
  return { value, source: created ? "generated" : "file", file };
}

interface KeyKind {
  /** Of its file. */
  readonly name: string;
  readonly generate: () => string;
  readonly isValid: (value: string) => boolean;
}

const apiKeys: KeyKind = {
  name: "api-key",
  generate: () => `ai_${randomBytes(32).toString("base64url")}`,
  isValid: (value) => /^[\x21-\x7e]+$/.test(value),
};

const signingSecrets: KeyKind = {
  name: "signing-secret",
  generate: () => `whsec_${randomBytes(32).toString("base64")}`,
  isValid: (value) => /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(value),
};

const encryptionKeys: KeyKind = {
  name: "encryption-key",
  generate: () => randomBytes(32).toString("base64"),
  isValid: (value) => /^[A-Za-z0-9+/]{43}=$/.test(value),
};

const workerIds: KeyKind = {
  name: "worker-id",
  generate: () => randomUUID(),
  isValid: (value) => /^[\w.-]{1,64}$/.test(value),
};
