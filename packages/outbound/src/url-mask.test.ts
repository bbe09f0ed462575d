import { expect, test } from "vitest";
import { maskUrl } from "./url-mask.ts";

test.each([
  ["https://hooks.example.com/services/T0/B0/secret", "https://hooks.example.com/…"],
  ["https://example.com?token=secret", "https://example.com/…"],
  ["https://example.com/#secret", "https://example.com/…"],
  ["https://example.com:8443/", "https://example.com:8443/"],
  ["https://example.com", "https://example.com/"],
  ["https://user:secret@example.com/", "https://example.com/"],
  ["http://[::1]:80/secret", "http://[::1]/…"],
  ["data:text/plain,secret", "data:…"],
  ["secret", "(invalid URL)"],
])("%s is shown as %s", (url, masked) => {
  expect(maskUrl(url)).toBe(masked);
});
