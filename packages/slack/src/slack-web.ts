import type { HttpPort, Logger } from "@core/registry";
import { WebAPIRateLimitedError, WebClient } from "@slack/web-api";
import type { CallBudget } from "./call-budget.ts";
import { sdkLogger } from "./sdk-logger.ts";
import { slackFetch } from "./slack-fetch.ts";

export interface SlackWebOptions {
  readonly token: string;
  /** Whose calls are counted together: the name of the token's secret. */
  readonly team: string;
  readonly budget: CallBudget;
  readonly fetch: HttpPort["fetch"];
  /** Ends every request, and every wait for one. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Default: Slack's own. */
  readonly apiUrl?: string | undefined;
  /** Of one request, up to the last byte of the answer. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How long a call may wait for its turn. Default 10,000. */
  readonly longestWaitMs?: number | undefined;
}

/** Slack's SDK with its retries switched off, below Slack's limits. */
export interface SlackWeb {
  /**
   * Makes one call when its turn has come; each is one request, never repeated. `channel` is where it posts.
   * @throws NotCalled, and what the SDK throws
   */
  call<Answer>(method: string, send: (sdk: WebClient) => Promise<Answer>, channel?: string): Promise<Answer>;
}

/** Opens one for one attempt. It costs next to nothing, so none outlives its token's use. */
export function createSlackWeb(options: SlackWebOptions): SlackWeb {
  const { token, team, budget, fetch, signal, logger, apiUrl } = options;
  const { timeoutMs = 10_000, longestWaitMs = 10_000 } = options;
  const sdk = new WebClient(token, {
    fetch: slackFetch(fetch, signal),
    logger: sdkLogger(logger),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    allowAbsoluteUrls: false,
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
  });
  return {
    async call(method, send, channel) {
      const place = { team, method, channel };
      await budget.admit(place, { signal, longestWaitMs });
      try {
        return await send(sdk);
      } catch (error) {
        if (error instanceof WebAPIRateLimitedError) budget.hold(place, error.retryAfter * 1_000);
        throw error;
      }
    },
  };
}
