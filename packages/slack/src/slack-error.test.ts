import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from "@slack/web-api";
import { describe, expect, test } from "vitest";
import { lacksScope, slackFailure } from "./slack-error.ts";

const token = { ref: "installation:T1", value: "xoxb-1" };

function refusal(error: string, more: object = {}): WebAPIPlatformError {
  return new WebAPIPlatformError({ ok: false, error, ...more });
}

describe("a code of Slack's", () => {
  test.each([
    ["channel_not_found", "permanent", /invite the app/],
    ["not_in_channel", "permanent", /Invite the app to the channel/],
    ["is_archived", "permanent", /Unarchive/],
    ["thread_not_found", "permanent", /thread_ts/],
    ["restricted_action_read_only_channel", "permanent", /posting rules/],
    ["no_text", "permanent", /refused again/],
    ["msg_too_long", "permanent", /refused again/],
    ["invalid_blocks", "permanent", /refused again/],
    ["a_code_of_next_year", "permanent", /refused again/],
    ["constructor", "permanent", /refused again/],
    ["invalid_auth", "misconfigured", /installation:T1/],
    ["not_authed", "misconfigured", /installation:T1/],
    ["account_inactive", "misconfigured", /installation:T1/],
    ["token_revoked", "misconfigured", /installation:T1/],
    ["token_expired", "misconfigured", /installation:T1/],
    ["missing_scope", "misconfigured", /Add the scope/],
    ["no_permission", "misconfigured", /administrators/],
    ["ekm_access_denied", "misconfigured", /administrators/],
    ["org_login_required", "misconfigured", /organisation/],
    ["ratelimited", "retryable", /tried again/],
    ["service_unavailable", "retryable", /tried again/],
    ["request_timeout", "retryable", /tried again/],
    ["message_limit_exceeded", "retryable", /tried again/],
    ["internal_error", "ambiguous", /may have been posted/],
    ["fatal_error", "ambiguous", /may have been posted/],
  ])("%s is %s", (code, failure, message) => {
    expect(slackFailure(refusal(code), token)).toEqual({
      status: "failed",
      failure,
      code,
      message: expect.stringMatching(message),
    });
  });

  test("names the scopes that are needed", () => {
    const { message } = slackFailure(
      refusal("missing_scope", { needed: "chat:write,chat:write.public" }),
      token,
    );
    expect(message).toContain("Needed: chat:write, chat:write.public.");
  });
});

test.each([["<html>Log in to the network</html>"], [""], ["Not A Code"], [undefined as unknown as string]])(
  "an answer that is not Slack's is ambiguous, though it has a status of success (%j)",
  (error) => {
    expect(slackFailure(refusal(error), token)).toMatchObject({
      failure: "ambiguous",
      code: "answer_unreadable",
      answer: { status: 200, body: error ?? "" },
    });
  },
);

test.each([
  [30, 30_000],
  [1e9, 24 * 60 * 60_000],
])("a rate limit of %i seconds is tried again after %i ms", (seconds, retryAfterMs) => {
  const failure = slackFailure(new WebAPIRateLimitedError(seconds), token);
  expect(failure).toMatchObject({ failure: "retryable", code: "rate_limited", retryAfterMs });
});

test.each([0, -5])("a rate limit of %i seconds leaves the delay to the outbox", (seconds) => {
  const failure = slackFailure(new WebAPIRateLimitedError(seconds), token);
  expect(failure).toMatchObject({ failure: "retryable", code: "rate_limited" });
  expect(failure).not.toHaveProperty("retryAfterMs");
});

test.each([
  [500, "ambiguous"],
  [503, "ambiguous"],
  [408, "ambiguous"],
  [204, "ambiguous"],
  [302, "misconfigured"],
  [403, "misconfigured"],
  [404, "misconfigured"],
])("the status %i is %s", (status, failure) => {
  const error = new WebAPIHTTPError(status, "", {}, `A page about xoxb-1. ${"x".repeat(5_000)}`);
  const outcome = slackFailure(error, token);
  expect(outcome).toMatchObject({ failure, code: `http_${status}`, answer: { status } });
  expect(outcome.answer?.body).toMatch(/^A page about \[token\]\. x+$/);
  expect(outcome.answer?.body).toHaveLength(1_000);
});

test("a request that was certainly not sent is tried again", () => {
  const original = Object.assign(new Error("ECONNREFUSED"), { details: { sent: "no" } });
  expect(slackFailure(new WebAPIRequestError(original), token)).toMatchObject({
    failure: "retryable",
    code: "not_reached",
    message: expect.stringContaining("ECONNREFUSED"),
  });
});

test.each([
  new WebAPIRequestError(Object.assign(new Error("ECONNRESET"), { details: { sent: "maybe" } })),
  new WebAPIRequestError(new Error("socket hang up")),
  new TypeError("terminated"),
  "a string",
])("any other failure is ambiguous (%s)", (error) => {
  expect(slackFailure(error, token)).toMatchObject({ failure: "ambiguous", code: "answer_lost" });
});

test("no failure shows the token", () => {
  const failures = [
    new WebAPIRequestError(new Error('"Bearer xoxb-1" is an invalid header value.')),
    new Error("xoxb-1"),
    new WebAPIHTTPError(500, "", {}, JSON.stringify({ echo: "xoxb-1" })),
    refusal("invalid_auth", { needed: "xoxb-1" }),
    refusal("<p>xoxb-1</p>"),
  ].map((error) => slackFailure(error, token));
  expect(JSON.stringify(failures)).not.toContain("xoxb-1");
});

test("a scope is lacking only when Slack names it", () => {
  const scope = "chat:write.customize";
  expect(lacksScope(refusal("missing_scope", { needed: scope }), scope)).toBe(true);
  expect(lacksScope(refusal("missing_scope", { needed: `a, ${scope}` }), scope)).toBe(true);
  expect(lacksScope(refusal("missing_scope", { needed: "chat:write" }), scope)).toBe(false);
  expect(lacksScope(refusal("missing_scope"), scope)).toBe(false);
  expect(lacksScope(refusal("invalid_auth", { needed: scope }), scope)).toBe(false);
  expect(lacksScope(new Error(scope), scope)).toBe(false);
});
