import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { IntegrationsError } from "../errors.ts";

/** Seals what must not stand in clear at rest. Opening what was never sealed gives it back, so old files still load. */
export interface SecretBox {
  /** Empty text stays empty; without a key every text stays as it is. */
  seal(text: string): string;
  /** @throws ENCRYPTION_KEY_MISSING, ENCRYPTION_KEY_WRONG */
  open(stored: string): string;
  /** Whether it is stored as `seal` would store it today: under the same key, or in clear when there is none. */
  isCurrent(stored: string): boolean;
}

const PREFIX = "enc:v1:";
const SEALED = /^enc:v1:([0-9a-f]{8}):([\w-]+)$/;
const KEY = /^[\w+/-]{43}=?$/;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals by AES-256-GCM as `enc:v1:<key id>:<base64url of nonce, tag and ciphertext>`. A key is 32 bytes in base64; its
 * id is the beginning of its SHA-256, so that a wrong key is told from a damaged text. What older keys sealed is opened
 * as well; without a key of today nothing new is sealed.
 * @throws ENCRYPTION_KEY_INVALID
 */
export function createSecretBox(encryptionKey: string | null, olderKeys: readonly string[] = []): SecretBox {
  const today = encryptionKey === null ? null : keyOf(encryptionKey);
  const known = [...(today === null ? [] : [today]), ...olderKeys.map(keyOf)];
  return {
    seal: (text) => (today === null || text === "" ? text : sealed(text, today)),
    open: (stored) => (stored.startsWith(PREFIX) ? opened(stored, known) : stored),
    isCurrent: (stored) =>
      today === null
        ? !stored.startsWith(PREFIX)
        : stored === "" || stored.startsWith(`${PREFIX}${today.id}:`),
  };
}

interface Key {
  readonly id: string;
  readonly secret: KeyObject;
}

function keyOf(text: string): Key {
  const bytes = KEY.test(text) ? Buffer.from(text, "base64") : Buffer.alloc(0);
  if (bytes.length === 32) {
    const id = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
    return { id, secret: createSecretKey(bytes) };
  }
  throw new IntegrationsError({
    code: "ENCRYPTION_KEY_INVALID",
    message: "An encryption key is not 32 bytes in base64. Make one with: openssl rand -base64 32",
  });
}

function sealed(text: string, { id, secret }: Key): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", secret, iv).setAAD(Buffer.from(PREFIX + id));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return `${PREFIX}${id}:${Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url")}`;
}

function opened(stored: string, known: readonly Key[]): string {
  if (known.length === 0) throw noKey();
  const [, sealedBy = "", body = ""] = SEALED.exec(stored) ?? [];
  if (sealedBy === "") throw wrongKey("It is damaged.");
  const key = known.find(({ id }) => id === sealedBy);
  if (key === undefined) {
    const ids = known.map(({ id }) => id).join(", ");
    throw wrongKey(`It was sealed with the key ${sealedBy}, and this instance has ${ids}.`);
  }
  try {
    return decrypted(Buffer.from(body, "base64url"), key);
  } catch {
    throw wrongKey("It was changed after it was sealed.");
  }
}

function decrypted(sealedBytes: Buffer, { id, secret }: Key): string {
  const iv = sealedBytes.subarray(0, IV_BYTES);
  const tag = sealedBytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", secret, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(PREFIX + id)).setAuthTag(tag);
  const body = sealedBytes.subarray(IV_BYTES + TAG_BYTES);
  return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
}

function noKey(): IntegrationsError {
  return new IntegrationsError({
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
