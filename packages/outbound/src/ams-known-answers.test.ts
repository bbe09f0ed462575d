import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { signAmsSignature, verifyAmsSignature } from "./ams-signature.ts";

/** What OpenSSL answered, each with the shell command that was asked. */
const knownAnswers: readonly {
  readonly what: string;
  readonly body: string | Uint8Array;
  readonly secret: string;
  readonly hex: string;
  readonly command: string;
}[] = [
  {
    what: "a plain body",
    body: JSON.stringify({ task_id: "t1", result: "done" }),
    secret: "plain-secret",
    hex: "7d1c04933ef275704d299f3546b1ee841df2ff6a5e9b21908193ab750f6bcf46",
    command: String.raw`printf '%s' '{"task_id":"t1","result":"done"}' | openssl dgst -sha256 -hmac 'plain-secret'`,
  },
  {
    what: "an empty object",
    body: "{}",
    secret: "plain-secret",
    hex: "768ab3d9b5bd94de3527f77b36bebb9869e22a33d965332fa3459d6a7c3911cc",
    command: String.raw`printf '%s' '{}' | openssl dgst -sha256 -hmac 'plain-secret'`,
  },
  {
    what: "characters of one to four bytes",
    body: '{"result":"é ß 漢字 👩‍👩‍👧"}',
    secret: "plain-secret",
    hex: "b173f0f42e5eeaee0e463544236408e9220295897424ad260db294cf5691fa7c",
    command: String.raw`printf '%s' '{"result":"é ß 漢字 👩‍👩‍👧"}' | openssl dgst -sha256 -hmac 'plain-secret'`,
  },
  {
    what: "a line end",
    body: "{}\n",
    secret: "plain-secret",
    hex: "80f64ebad358790a57956190d764905d9991dbcef61fe21220d89c2a4b3c6696",
    command: String.raw`printf '{}\n' | openssl dgst -sha256 -hmac 'plain-secret'`,
  },
  {
    what: "bytes that are no text",
    body: Buffer.from([255, 0, 254]),
    secret: "plain-secret",
    hex: "912283ef2df0f459586ef16a0573f1bc3e7f1a9f78534875c56692750c26eaac",
    command: String.raw`printf '\377\000\376' | openssl dgst -sha256 -hmac 'plain-secret'`,
  },
  {
    what: "a secret with special characters",
    body: "{}",
    secret: String.raw`-$HOME "it's" \n %s !*?~#&;|<>(){}[]=+/ pässwörd 🔑`,
    hex: "522a582d43a86e08221e2bb4f77c1ebb2f777bb8af3a942e9334871007d0ab98",
    command: String.raw`printf '%s' '{}' | openssl dgst -sha256 -hmac '-$HOME "it'\''s" \n %s !*?~#&;|<>(){}[]=+/ pässwörd 🔑'`,
  },
  {
    what: "a secret longer than a block of SHA-256",
    body: "{}",
    secret: "s".repeat(100),
    hex: "3e47149a9edc0f8f4c910dd09feefb1206350c89acde3438960029fcf6ec3a9e",
    command: String.raw`printf '%s' '{}' | openssl dgst -sha256 -hmac "$(printf 's%.0s' $(seq 100))"`,
  },
];

describe("OpenSSL", () => {
  test.each(knownAnswers)("has answered the same for $what", ({ body, secret, hex }) => {
    expect(signAmsSignature(body, secret)).toEqual({ "X-AMS-Signature": hex });
    expect(signAmsSignature(Buffer.from(body), secret)).toEqual({ "X-AMS-Signature": hex });
    expect(verifyAmsSignature(body, secret, hex)).toBe(true);
    expect(verifyAmsSignature(body, `${secret} `, hex)).toBe(false);
  });

  test.skipIf(!hasOpenssl()).each(knownAnswers)("still does for $what", ({ command, hex }) => {
    // "(stdin)= …" or "SHA2-256(stdin)= …", by its version.
    expect(/[0-9a-f]{64}$/.exec(shell(command))?.[0]).toBe(hex);
  });
});

function hasOpenssl(): boolean {
  return shell("openssl version") !== "";
}

/** Empty where there is no such shell or program. */
function shell(command: string): string {
  const { stdout } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
  return (stdout ?? "").trim();
}
