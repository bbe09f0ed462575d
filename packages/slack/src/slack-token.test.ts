import type { SecretPort } from "@core/registry";
import { expect, test } from "vitest";
import { resolveToken, withoutToken } from "./slack-token.ts";

function secretsOf(values: Readonly<Record<string, string>>): SecretPort {
  return { resolve: async (ref) => values[ref] ?? null };
}

test("a target without an installation is sent with the variable's token", async () => {
  const token = await resolveToken({}, secretsOf({ SLACK_BOT_TOKEN: " xoxb-1\n" }));
  expect(token).toEqual({ ref: "SLACK_BOT_TOKEN", value: "xoxb-1" });
});

test("a target that names an installation is sent with its token", async () => {
  const secrets = secretsOf({ SLACK_BOT_TOKEN: "xoxb-1", "installation:T1": "xoxb-2" });
  expect(await resolveToken({ installation: "T1" }, secrets)).toEqual({
    ref: "installation:T1",
    value: "xoxb-2",
  });
});

test("a missing token parks the delivery and says what to set", async () => {
  const missing = { failure: "misconfigured", code: "token_missing" };
  expect(await resolveToken({}, secretsOf({ SLACK_BOT_TOKEN: " " }))).toMatchObject({
    ...missing,
    message: expect.stringContaining("Set SLACK_BOT_TOKEN"),
  });
  expect(await resolveToken({ installation: "T9" }, secretsOf({}))).toMatchObject({
    ...missing,
    message: expect.stringContaining('installation "T9"'),
  });
});

test("a token that no header can hold is refused without being shown", async () => {
  const outcome = await resolveToken({}, secretsOf({ SLACK_BOT_TOKEN: "xoxb-1\nxoxb-2" }));
  expect(outcome).toMatchObject({ failure: "misconfigured", code: "token_malformed" });
  expect(JSON.stringify(outcome)).not.toContain("xoxb-1");
});

test("secrets that cannot be read are tried again, for nothing was sent", async () => {
  const secrets: SecretPort = { resolve: () => Promise.reject(new Error("locked: xoxb-1")) };
  const outcome = await resolveToken({}, secrets);
  expect(outcome).toMatchObject({ failure: "retryable", code: "token_unread" });
  expect(JSON.stringify(outcome)).not.toContain("xoxb-1");
});

test("a token is taken out of a text, however often it is there", () => {
  expect(withoutToken("xoxb-1 and xoxb-1", { ref: "A", value: "xoxb-1" })).toBe("[token] and [token]");
});
