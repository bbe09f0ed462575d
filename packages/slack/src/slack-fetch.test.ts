import { WebAPIRateLimitedError, WebClient } from "@slack/web-api";
import type { FetchFunction } from "@slack/web-api";
import { expect, test } from "vitest";
import { slackFetch } from "./slack-fetch.ts";

const unending = new AbortController().signal;

function limited(headers: Record<string, string> = {}): typeof fetch {
  return async () => new Response("slow down", { status: 429, headers });
}

function call(fetch: FetchFunction): Promise<unknown> {
  const retryConfig = { retries: 0 };
  return new WebClient("xoxb-1", { fetch, retryConfig, rejectRateLimitedCalls: true }).auth.test();
}

test("the SDK alone does not know a 429 without a number of seconds", async () => {
  const error: unknown = await call(limited()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(WebAPIRateLimitedError);
});

test.each([{}, { "retry-after": "soon" }, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }])(
  "here it is a rate limit without a time (%j)",
  async (headers) => {
    const error: unknown = await call(slackFetch(limited(headers), unending)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(WebAPIRateLimitedError);
    expect(error).toMatchObject({ retryAfter: 0 });
  },
);

test("a number of seconds stays", async () => {
  const limit = call(slackFetch(limited({ "retry-after": "7" }), unending));
  await expect(limit).rejects.toMatchObject({ retryAfter: 7 });
});

test.each(["the delivery's", "the SDK's"])("%s signal ends a request", async (whose) => {
  const ending = new AbortController();
  const signals: AbortSignal[] = [];
  const fetchOnce = slackFetch(
    async (_url, init) => {
      if (init?.signal) signals.push(init.signal);
      return new Response();
    },
    whose === "the delivery's" ? ending.signal : unending,
  );
  await fetchOnce("https://slack.test/", whose === "the SDK's" ? { signal: ending.signal } : {});
  expect(signals[0]?.aborted).toBe(false);
  ending.abort();
  expect(signals[0]?.aborted).toBe(true);
});
