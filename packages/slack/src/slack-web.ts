import type { HttpPort, Logger } from "@core/registry";
import { WebClient } from "@slack/web-api";
import { sdkLogger } from "./sdk-logger.ts";
import { slackFetch } from "./slack-fetch.ts";

export interface SlackWebOptions {
  readonly token: string;
  readonly fetch: HttpPort["fetch"];
  /** Ends every request. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Default: Slack's own. */
  readonly apiUrl?: string | undefined;
  /** Of one request, up to the last byte of the answer. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** Slack's SDK with its retries switched off. */
export interface SlackWeb {
  /** Makes one call, which is one request and never repeated; rejects with what the SDK throws. */
  call<Answer>(method: string, send: (sdk: WebClient) => Promise<Answer>, channel?: string): Promise<Answer>;
}

/** Opens one for one attempt. It costs next to nothing, so none outlives its token's use. */
export function createSlackWeb(options: SlackWebOptions): SlackWeb {
  const { token, fetch, signal, logger, apiUrl, timeoutMs = 10_000 } = options;
  const sdk = new WebClient(token, {
    fetch: slackFetch(fetch, signal),
    logger: sdkLogger(logger),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    allowAbsoluteUrls: false,
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
  });
  return { call: (_method, send) => send(sdk) };
}
