import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { IntegrationsError } from "../errors.ts";

/** Seals what must not stand in clear at rest. Opening what was never sealed gives it back, so old files still load. */
export interface SecretBox {
  /** Empty text stays empty; without a key every text stays as it is. */
  seal(text: string): string;
  /** @throws ENCRYPTION_KEY_MISSING, ENCRYPTION_KEY_WRONG */
  open(stored: string): string;
}

const PREFIX = "enc:v1:";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals by AES-256-GCM as `enc:v1:<key id>:<base64url of nonce, tag and ciphertext>`. The key is 32 bytes in base64;
 * its id is the beginning of its SHA-256, so that a wrong key is told from a damaged text.
 * @throws ENCRYPTION_KEY_INVALID
 */
export function createSecretBox(encryptionKey: string | null): SecretBox {
  if (encryptionKey === null) return { seal: (text) => text, open: openWithoutKey };
  const bytes = keyOf(encryptionKey);
  const id = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  const key = createSecretKey(bytes);
  return {
    seal: (text) => (text === "" ? "" : `${PREFIX}${id}:${encrypted(text, key, id)}`),
    open: (stored) => (stored.startsWith(PREFIX) ? opened(stored, key, id) : stored),
  };
}

function keyOf(text: string): Buffer {
  const key = Buffer.from(text, "base64");
  if (key.length === 32) return key;
  throw new IntegrationsError({
    code: "ENCRYPTION_KEY_INVALID",
    message: "The encryption key is not 32 bytes in base64. Make one with: openssl rand -base64 32",
    details: { bytes: key.length },
  });
}

function encrypted(text: string, key: KeyObject, id: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(PREFIX + id));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url");
}

function opened(stored: string, key: KeyObject, id: string): string {
  const [sealedBy = "", body = ""] = stored.slice(PREFIX.length).split(":");
  if (sealedBy !== id) throw wrongKey(`It was sealed with the key ${sealedBy}, and this instance has ${id}.`);
  const bytes = Buffer.from(body, "base64url");
  const iv = bytes.subarray(0, IV_BYTES);
  const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(PREFIX + id)).setAuthTag(tag);
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
  } catch {
    throw wrongKey("It was changed after it was sealed.");
  }
}

function openWithoutKey(stored: string): string {
  if (!stored.startsWith(PREFIX)) return stored;
  throw new IntegrationsError({
    code: "ENCRYPTION_KEY_MISSING",
    message:
      "The state holds a sealed secret, and this instance has no encryption key. Give it the one it was sealed with.",
  });
}

function wrongKey(reason: string): IntegrationsError {
  return new IntegrationsError({
    code: "ENCRYPTION_KEY_WRONG",
    message: `A sealed secret cannot be opened. ${reason} Give the key it was sealed with, or write the secret anew.`,
  });
}
