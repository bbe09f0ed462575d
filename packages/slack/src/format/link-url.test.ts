import { expect, test } from "vitest";
import { encodedUrl, isAllowedUrl } from "./link-url.ts";

test.each(["https://example.com", "HTTP://example.com/a?b#c", "mailto:ada@example.com"])(
  "%s may be linked",
  (url) => {
    expect(isAllowedUrl(url)).toBe(true);
  },
);

test.each([
  "javascript:alert(1)",
  " javascript:alert(1)",
  "data:text/html,x",
  "slack://channel?id=C1",
  "tel:1",
  "./docs",
  "//example.com",
  "https:",
  "https:///",
  "mailto:",
  "",
  `https://example.com/${"x".repeat(2_000)}`,
])("%s may not", (url) => {
  expect(isAllowedUrl(url)).toBe(false);
});

test("an encoded address has nothing that could end it or be an entity", () => {
  expect(encodedUrl('https://a.b/(c) <!here>|d\\"`{}\u00a0&lt;é&e=f;g')).toBe(
    "https://a.b/%28c%29%20%3C!here%3E%7Cd%5C%22%60%7B%7D%C2%A0&lt%3Bé&e=f;g",
  );
  expect(encodedUrl("https://a.b/\ud83d")).toBe("https://a.b/\ufffd");
});
