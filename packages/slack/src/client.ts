import type { AuthTestResponse } from "@slack/web-api";
import type { BotAttribution } from "./attribution.ts";
import type { DeliveryMetadata } from "./delivery-metadata.ts";
import type { MessageContent } from "./message-parts.ts";
import { isRefusedAs } from "./slack-error.ts";
import type { SlackWeb } from "./slack-web.ts";

/** The calls that deliveries need. Each is one request, never repeated, and rejects as `SlackWeb` does. */
export interface SlackClient {
  /** Posts a message, and tells its timestamp. */
  post(message: SlackMessage): Promise<string>;
  /** Gives another text to one of the app's own messages, which keeps its author, and its metadata if it gets no other. */
  edit(message: SlackEdit): Promise<void>;
  /** Takes one of the app's own messages back; one that is gone already is no error. */
  remove(message: MessageName): Promise<void>;
  /** The id by which Slack names the author of the app's messages. */
  botId(): Promise<string | undefined>;
  /** Whether the token has the scope for files; false when Slack does not tell. */
  mayUpload(): Promise<boolean>;
  /** Reads one page of a channel or a thread, with the metadata of its messages. */
  readPage(query: PageQuery): Promise<Page>;
}

interface SlackMessage {
  readonly channel: string;
  readonly threadTs: string | undefined;
  readonly content: MessageContent;
  readonly author: BotAttribution;
  readonly metadata?: DeliveryMetadata;
}

interface SlackEdit extends MessageName, Pick<SlackMessage, "content" | "metadata"> {}

interface MessageName {
  readonly channel: string;
  readonly ts: string;
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

export function createSlackClient(web: SlackWeb): SlackClient {
  return {
    post: (message) => post(web, message),
    edit: (message) => edit(web, message),
    remove: (message) => remove(web, message),
    botId: async () => (await identify(web)).bot_id,
    mayUpload: () => mayUpload(web),
    readPage: (query) => readPage(web, query),
  };
}

async function post(web: SlackWeb, message: SlackMessage): Promise<string> {
  const { channel, threadTs, content, author, metadata } = message;
  const place = { channel, ...(threadTs !== undefined && { thread_ts: threadTs }) };
  const { ts } = await web.call(
    "chat.postMessage",
    (sdk) => sdk.chat.postMessage({ ...place, ...author, ...content, ...(metadata && { metadata }) }),
    channel,
  );
  if (ts === undefined) throw new Error("Slack named no timestamp of the message.");
  return ts;
}

async function edit(web: SlackWeb, { content, ...message }: SlackEdit): Promise<void> {
  await web.call("chat.update", (sdk) => sdk.chat.update({ ...message, ...content }));
}

async function remove(web: SlackWeb, { channel, ts }: MessageName): Promise<void> {
  try {
    await web.call("chat.delete", (sdk) => sdk.chat.delete({ channel, ts }));
  } catch (error) {
    if (!isRefusedAs(error, "message_not_found")) throw error;
  }
}

async function mayUpload(web: SlackWeb): Promise<boolean> {
  try {
    const { response_metadata: more } = await identify(web);
    return more?.scopes?.includes("files:write") ?? false;
  } catch {
    return false;
  }
}

function identify(web: SlackWeb): Promise<AuthTestResponse> {
  return web.call("auth.test", (sdk) => sdk.auth.test());
}

async function readPage(web: SlackWeb, query: PageQuery): Promise<Page> {
  const { channel, threadTs: ts, oldest, limit, cursor } = query;
  const range = { channel, oldest, limit, include_all_metadata: true, ...(cursor && { cursor }) };
  const { messages = [], response_metadata: more } =
    ts === undefined
      ? await web.call("conversations.history", (sdk) => sdk.conversations.history(range))
      : await web.call("conversations.replies", (sdk) => sdk.conversations.replies({ ...range, ts }));
  return { messages, nextCursor: more?.next_cursor || undefined };
}
