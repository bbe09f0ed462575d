import { expect, test } from "vitest";
import { signAmsSignature, verifyAmsSignature } from "./ams-signature.ts";

// RFC 4231, test case 2.
const body = "what do ya want for nothing?";
const hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

test("the header is the hex HMAC-SHA256 of the body", () => {
  expect(signAmsSignature(body, "Jefe")).toEqual({ "X-AMS-Signature": hex });
  expect(signAmsSignature(Buffer.from(body), "Jefe")).toEqual({ "X-AMS-Signature": hex });
});

test("an empty secret gives no header and verifies nothing", () => {
  expect(signAmsSignature(body, "")).toEqual({});
  expect(verifyAmsSignature(body, "", "")).toBe(false);
  expect(verifyAmsSignature("", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")).toBe(
    false,
  );
});

test.each([
  ["the same body and secret", body, "Jefe", hex, true],
  ["another body", `${body} `, "Jefe", hex, false],
  ["another secret", body, "jefe", hex, false],
  ["another signature", body, "Jefe", hex.replace("5", "6"), false],
  ["a shorter signature", body, "Jefe", hex.slice(0, 63), false],
  ["no signature", body, "Jefe", undefined, false],
  ["a null signature", body, "Jefe", null, false],
])("%s: verified is as expected", (_, received, secret, signature, expected) => {
  expect(verifyAmsSignature(received, secret, signature)).toBe(expected);
});
