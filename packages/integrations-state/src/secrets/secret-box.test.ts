import { createCipheriv, createHash } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSecretBox } from "./secret-box.ts";

const KEY = Buffer.from("0123456789abcdef0123456789abcdef").toString("base64");
const OTHER_KEY = Buffer.alloc(32, 7).toString("base64");
const SECRET = "correct horse battery staple";

/** Made with the key above and the nonce `twelve bytes`, so that what is stored today is opened for ever. */
const KNOWN_ANSWER =
  "enc:v1:3eb1bd43:dHdlbHZlIGJ5dGVzWWEd3rc1Q_qyofdHAacUhCLWcAO624oBnOCKuXiB0UqnMqxGOX0Ik6g6foo";

const box = createSecretBox(KEY);

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

describe("a box with a key", () => {
  it("opens what it has sealed, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(box.open(box.seal(text))).toBe(text);
      }),
    );
  });

  it("opens a known answer", () => {
    expect(box.open(KNOWN_ANSWER)).toBe(SECRET);
  });

  it("seals by AES-256-GCM with the key's id, and what stands before the text cannot be exchanged", () => {
    const sealed = box.seal(SECRET);
    const [, , id = "", body = ""] = sealed.split(":");
    const key = Buffer.from(KEY, "base64");
    expect(id).toBe(createHash("sha256").update(key).digest("hex").slice(0, 8));
    const bytes = Buffer.from(body, "base64url");
    const cipher = createCipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
    cipher.setAAD(Buffer.from(`enc:v1:${id}`));
    const ciphertext = Buffer.concat([cipher.update(SECRET), cipher.final()]);
    expect(bytes.subarray(28)).toEqual(ciphertext);
    expect(bytes.subarray(12, 28)).toEqual(cipher.getAuthTag());
  });

  it("seals the same text differently each time", () => {
    expect(box.seal(SECRET)).not.toBe(box.seal(SECRET));
  });

  it("leaves empty text empty, and gives back what was never sealed", () => {
    expect(box.seal("")).toBe("");
    expect(box.open("")).toBe("");
    expect(box.open(SECRET)).toBe(SECRET);
  });

  it("seals and opens a text that looks sealed", () => {
    expect(box.open(box.seal("enc:v1:mine"))).toBe("enc:v1:mine");
  });

  it("takes its key in either base64, with or without the sign at the end", () => {
    const bytes = Buffer.alloc(32, 0xfb);
    for (const text of [
      bytes.toString("base64"),
      bytes.toString("base64url"),
      bytes.toString("base64").replace("=", ""),
    ])
      expect(createSecretBox(text).open(createSecretBox(bytes.toString("base64")).seal(SECRET))).toBe(SECRET);
  });
});

describe("a box without a key", () => {
  const plain = createSecretBox(null);

  it("leaves every text as it is", () => {
    expect(plain.seal(SECRET)).toBe(SECRET);
    expect(plain.open(SECRET)).toBe(SECRET);
  });

  it("does not take a sealed text for a secret", () => {
    expect(thrownBy(() => plain.open(box.seal(SECRET)))).toMatchObject({ code: "ENCRYPTION_KEY_MISSING" });
  });

  it("opens with an older key, for those who seal no longer", () => {
    const last = createSecretBox(null, [KEY]);
    expect(last.open(box.seal(SECRET))).toBe(SECRET);
    expect(last.seal(SECRET)).toBe(SECRET);
  });
});

describe("a new key", () => {
  const rotated = createSecretBox(OTHER_KEY, [KEY]);

  it("seals, and what the older ones sealed is still opened", () => {
    expect(rotated.open(box.seal(SECRET))).toBe(SECRET);
    expect(createSecretBox(OTHER_KEY).open(rotated.seal(SECRET))).toBe(SECRET);
  });
});

describe("what cannot be opened", () => {
  it("says which key it was sealed with", () => {
    const error = thrownBy(() => createSecretBox(OTHER_KEY).open(KNOWN_ANSWER));
    expect(error).toMatchObject({
      code: "ENCRYPTION_KEY_WRONG",
      message: expect.stringContaining(`the key ${KNOWN_ANSWER.split(":")[2]}`),
    });
  });

  it("is any text in which a character was changed", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 7, max: KNOWN_ANSWER.length - 2 }),
        fc.constantFrom("A", "b", "0", ":"),
        (at, put) => {
          fc.pre(KNOWN_ANSWER[at] !== put);
          const changed = KNOWN_ANSWER.slice(0, at) + put + KNOWN_ANSWER.slice(at + 1);
          expect(thrownBy(() => box.open(changed))).toMatchObject({ code: "ENCRYPTION_KEY_WRONG" });
        },
      ),
    );
  });

  it("is any text that was cut short", () => {
    for (let length = "enc:v1:".length; length < KNOWN_ANSWER.length; length += 1)
      expect(thrownBy(() => box.open(KNOWN_ANSWER.slice(0, length)))).toMatchObject({
        code: "ENCRYPTION_KEY_WRONG",
      });
  });
});

describe("an error", () => {
  it.each([
    "",
    "short",
    KEY.slice(0, 40),
    `${KEY}${KEY}`,
    `!${KEY.slice(1)}`,
    `${KEY}\n`,
    Buffer.alloc(33).toString("base64"),
  ])("says how a key is made when %j is none", (key) => {
    expect(thrownBy(() => createSecretBox(key))).toMatchObject({ code: "ENCRYPTION_KEY_INVALID" });
    expect(thrownBy(() => createSecretBox(KEY, [key]))).toMatchObject({ code: "ENCRYPTION_KEY_INVALID" });
  });

  it.each([
    () => createSecretBox(`${KEY}${SECRET}`),
    () => box.open(`enc:v1:${SECRET}`),
    () => box.open(`enc:v1:${SECRET}:${SECRET}`),
    () => createSecretBox(OTHER_KEY).open(box.seal(SECRET)),
    () => createSecretBox(null).open(`enc:v1:${SECRET}`),
  ])("never holds a key or a secret: %s", (call) => {
    const error = thrownBy(call);
    expect(error).toBeInstanceOf(Error);
    const shown = inspect(error, { depth: 10 });
    for (const hidden of [KEY, OTHER_KEY, SECRET]) expect(shown).not.toContain(hidden);
  });
});
