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
  const keyOf = async (given: string | null, name: string, kind: KeyKind): Promise<Key> => {
    if (given !== null) return { value: given, source: "environment", file: null };
    const file = join(dataDir, name);
    const { value, created } = await ensureKeyFile({ file, ...kind, logger });
    return { value, source: created ? "generated" : "file", file };
  };
  return {
    apiKey: await keyOf(configuration.apiKey, "api-key", apiKeys),
    signingSecret: await keyOf(configuration.signingSecret, "signing-secret", signingSecrets),
    encryptionKey: await keyOf(configuration.encryptionKey, "encryption-key", encryptionKeys),
    workerId: (await keyOf(null, "worker-id", workerIds)).value,
  };
}

interface KeyKind {
  readonly generate: () => string;
  readonly isValid: (value: string) => boolean;
}

const apiKeys: KeyKind = {
  generate: () => `ai_${randomBytes(32).toString("base64url")}`,
  isValid: (value) => /^[\x21-\x7e]+$/.test(value),
};

const signingSecrets: KeyKind = {
  generate: () => `whsec_${randomBytes(32).toString("base64")}`,
  isValid: (value) => /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(value),
};

const encryptionKeys: KeyKind = {
  generate: () => randomBytes(32).toString("base64"),
  isValid: (value) => /^[A-Za-z0-9+/]{43}=$/.test(value),
};

const workerIds: KeyKind = {
  generate: () => randomUUID(),
  isValid: (value) => /^[\w.-]{1,64}$/.test(value),
};
