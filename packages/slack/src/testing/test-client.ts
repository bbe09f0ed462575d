import { silentLogger } from "@core/registry";
import { WebAPIPlatformError, WebClient } from "@slack/web-api";
import { sdkLogger } from "../sdk-logger.ts";
import type { FakeSlack } from "./fake-slack.ts";
import { FAKE_BOT_TOKEN } from "./fake-workspace.ts";

/** Slack's own client at a fake Slack, without its retries. */
export function clientOf(slack: FakeSlack, token: string = FAKE_BOT_TOKEN): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 5_000,
    logger: sdkLogger(silentLogger),
  });
}

/** The code that a call was refused with; "" when it was not. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "";
  } catch (error) {
    if (error instanceof WebAPIPlatformError) return error.data.error;
    throw error;
  }
}
