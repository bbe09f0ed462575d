import { randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import type { FleetDb } from "./tables.ts";

/** The keys that all servers on one database must share. */
export interface FleetKeys {
  readonly apiKey: string;
  readonly signingSecret: string;
  readonly encryptionKey: string;
}

/** What the database knows of the keys: equal when they are equal, and slow to try guesses on. */
export interface Fingerprints {
  readonly api_key_fingerprint: string;
  readonly signing_secret_fingerprint: string;
  readonly encryption_key_fingerprint: string;
}

/** Fingerprints of the keys that can be compared within one database only. */
export async function fingerprintsOf(keys: FleetKeys, db: FleetDb): Promise<Fingerprints> {
  const salt = await saltOf(db);
  const [apiKey, signingSecret, encryptionKey] = await Promise.all([
    fingerprint(keys.apiKey, "API_KEY", salt),
    fingerprint(keys.signingSecret, "SIGNING_SECRET", salt),
    fingerprint(keys.encryptionKey, "ENCRYPTION_KEY", salt),
  ]);
  return {
    api_key_fingerprint: apiKey,
    signing_secret_fingerprint: signingSecret,
    encryption_key_fingerprint: encryptionKey,
  };
}

const SALT_BYTES = 16;
const FINGERPRINT_BYTES = 32;

/** The salt of this database: whoever comes first makes it, and everybody reads the same. */
async function saltOf(db: FleetDb): Promise<Uint8Array> {
  const made = { salt: randomBytes(SALT_BYTES) };
  await db
    .insertInto("fleet_salt")
    .values(made)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { salt } = await db.selectFrom("fleet_salt").select("salt").executeTakeFirstOrThrow();
  return salt;
}

/** Salted with the key's name too, so that nobody sees whether two of the keys are the same. */
async function fingerprint(key: string, name: string, salt: Uint8Array): Promise<string> {
  const hash = await derive(key, Buffer.concat([salt, Buffer.from(name)]), FINGERPRINT_BYTES);
  return hash.toString("base64url");
}

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
