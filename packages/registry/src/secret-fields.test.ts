import { expect, test } from "vitest";
import { secretIssues } from "./secret-fields.ts";

function fieldsOf(value: unknown): string[] {
  return secretIssues(value).map(({ field }) => field);
}

test.each([
  "token",
  "TOKEN",
  "botToken",
  "BotToken",
  "bot_token",
  "bot-token",
  "accessTOKEN",
  "user_token",
  "token2",
  "secret",
  "webhookSecret",
  "client_secret",
  "password",
  "db_password",
  "passphrase",
  "api_key",
  "apiKey",
  "APIKey",
  "X-API-Key",
  "secretAccessKey",
  "private_key",
  "Authorization",
  "proxy-authorization",
  "credential",
  "credentials",
])("a field named %j is refused", (name) => {
  expect(fieldsOf({ [name]: "x" })).toEqual([name]);
});

test.each([
  "channel_id",
  "thread_ts",
  "url",
  "secret_ref",
  "token_name",
  "key",
  "routing_key",
  "order_key",
  "max_tokens",
  "author",
  "passed",
  "installation",
])("a field named %j is allowed", (name) => {
  expect(secretIssues({ [name]: "x" })).toEqual([]);
});

test("secrets are found at any depth, in lists too, and named by their path", () => {
  const value = { a: { headers: { Authorization: "Bearer x" } }, list: [{ ok: 1 }, { token: "x" }] };
  expect(fieldsOf(value)).toEqual(["a.headers.Authorization", "list.1.token"]);
});

test("the message names the field and says what to do", () => {
  expect(secretIssues({ a: { token: "hush" } })).toEqual([
    {
      field: "a.token",
      message: `A target holds no secrets. Remove "a.token" and let the server's settings name the secret.`,
    },
  ]);
});

test("no message repeats the secret itself", () => {
  const issues = secretIssues({ token: "hush-1", url: "https://user:hush-2@example.com/" });
  expect(issues).toHaveLength(2);
  expect(JSON.stringify(issues)).not.toContain("hush");
});

test.each([
  "https://user:pass@example.com/hook",
  "https://user@example.com",
  "https://:pass@example.com",
  "postgres://user:pass@db/x",
  " https://user:pass@example.com",
  "https:\\\\user:pass@example.com",
])("credentials in the URL %j are refused", (url) => {
  expect(fieldsOf({ url })).toEqual(["url"]);
});

test.each([
  "https://example.com/@user",
  "https://example.com/?to=a@b.c",
  "mailto:a@b.c",
  "a@b.c",
  "user:pass",
  "C123",
  "",
])("the text %j is allowed", (url) => {
  expect(secretIssues({ url })).toEqual([]);
});

test("a value nested without end is refused instead of exhausting the stack", () => {
  const circular: Record<string, unknown> = {};
  circular["a"] = circular;
  expect(secretIssues(circular)).toEqual([
    { field: Array(32).fill("a").join("."), message: expect.stringContaining("32 levels") },
  ]);
  expect(secretIssues(JSON.parse("[".repeat(50_000) + "]".repeat(50_000)))).toHaveLength(1);
});

test.each([null, undefined, 7, true, "text"])("%j holds no secret", (value) => {
  expect(secretIssues(value)).toEqual([]);
});
