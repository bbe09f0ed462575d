import type { HttpPort, Logger } from "@core/registry";
import { WebClient } from "@slack/web-api";
import type { BotAttribution } from "./attribution.ts";
import type { deliveryMetadata } from "./delivery-metadata.ts";
import type { MessageContent } from "./message-parts.ts";
import { sdkLogger } from "./sdk-logger.ts";
import { slackFetch } from "./slack-fetch.ts";

export interface SlackClientOptions {
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

/** The calls that deliveries need. Each is one request, never repeated, and rejects with what the SDK throws. */
export interface SlackClient {
  /** Posts a message, and tells its timestamp. */
  post(message: SlackMessage): Promise<string>;
  /** Reads one page of a channel or a thread, with the metadata of its messages. */
  readPage(query: PageQuery): Promise<Page>;
}

interface SlackMessage {
  readonly channel: string;
  readonly threadTs: string | undefined;
  readonly content: MessageContent;
  readonly author: BotAttribution;
  readonly metadata: ReturnType<typeof deliveryMetadata>;
}

interface PageQuery {
  readonly channel: string;
  /** Missing: the channel itself. */
  readonly threadTs: string | undefined;
  /** In Slack's seconds. */
  readonly oldest: string;
  readonly limit: number;
  readonly cursor: string | undefined;
}

interface Page {
  readonly messages: readonly unknown[];
  /** Missing on the last page. */
  readonly nextCursor: string | undefined;
}

/** Opens a client for one attempt. It costs next to nothing, so none outlives its token's use. */
export function createSlackClient(options: SlackClientOptions): SlackClient {
  const { token, fetch, signal, logger, apiUrl, timeoutMs = 10_000 } = options;
  const web = new WebClient(token, {
    fetch: slackFetch(fetch, signal),
    logger: sdkLogger(logger),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    allowAbsoluteUrls: false,
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
  });
  return { post: (message) => post(web, message), readPage: (query) => readPage(web, query) };
}

async function post(web: WebClient, message: SlackMessage): Promise<string> {
  const { channel, threadTs, content, author, metadata } = message;
  const place = { channel, ...(threadTs !== undefined && { thread_ts: threadTs }) };
  const { ts } = await web.chat.postMessage({ ...place, ...author, ...content, metadata });
  if (ts === undefined) throw new Error("Slack named no timestamp of the message.");
  return ts;
}

async function readPage(web: WebClient, query: PageQuery): Promise<Page> {
  const { channel, threadTs, oldest, limit, cursor } = query;
  const range = { channel, oldest, limit, include_all_metadata: true, ...(cursor && { cursor }) };
  const { messages = [], response_metadata: more } =
    threadTs === undefined
      ? await web.conversations.history(range)
      : await web.conversations.replies({ ...range, ts: threadTs });
  return { messages, nextCursor: more?.next_cursor || undefined };
}
