import type { ApiAnswer, ApiCall, Args, Method } from "./api-call.ts";
import { accepted, isTrue, refused } from "./api-call.ts";
import { messagesOf } from "./message-rules.ts";
import type { StoredMessage } from "./message-rules.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import type { FakeStreams } from "./streams.ts";

/** The methods that read messages: in ranges and pages, with metadata only when asked for. */
export function readingMethods(
  emulator: SlackEmulator,
  streams: Pick<FakeStreams, "shown">,
): Readonly<Record<string, Method>> {
  return {
    "conversations.history": (call) => readPage(call, emulator, streams, HISTORY),
    "conversations.replies": (call) => readPage(call, emulator, streams, REPLIES),
  };
}

/** All messages of a channel, the newest first. Throws when the person cannot read it. */
export async function readAll(emulator: SlackEmulator, channel: string): Promise<readonly StoredMessage[]> {
  const all = await readPages(emulator, "conversations.history", { channel });
  if ("ok" in all) throw new Error(`The fake Slack refuses to show "${channel}": ${all.error}.`);
  return all;
}

/** What the emulator has, in all of its pages. */
async function readPages(
  emulator: SlackEmulator,
  method: string,
  args: Args,
  token?: string,
): Promise<readonly StoredMessage[] | ApiAnswer> {
  const all: StoredMessage[] = [];
  let cursor = "";
  do {
    const page = await emulator.call(method, { ...args, limit: "1000", cursor }, token);
    if (!page.ok) return page;
    all.push(...messagesOf(page));
    cursor = (page["response_metadata"] as { next_cursor?: string } | undefined)?.next_cursor ?? "";
  } while (cursor !== "");
  return all;
}

interface PageRule {
  readonly defaultLimit: number;
  readonly largestLimit: number;
  /** A thread's first message leads every page. */
  readonly hasParent: boolean;
}

const HISTORY: PageRule = { defaultLimit: 100, largestLimit: 999, hasParent: false };
const REPLIES: PageRule = { defaultLimit: 1_000, largestLimit: 1_000, hasParent: true };

async function readPage(
  { method, args, caller }: ApiCall,
  emulator: SlackEmulator,
  streams: Pick<FakeStreams, "shown">,
  rule: PageRule,
): Promise<ApiAnswer> {
  const { channel = "", ts = "", cursor = "", limit = String(rule.defaultLimit) } = args;
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1 || most > rule.largestLimit) return refused("invalid_limit");
  const all = await readPages(emulator, method, { channel, ts }, caller.token);
  if ("ok" in all) return all;
  if (rule.hasParent && all.length === 0) return refused("thread_not_found");
  const parent = rule.hasParent ? all.slice(0, 1) : [];
  const listed = all.slice(parent.length).filter(withinRange(args));
  const start = cursor === "" ? 0 : listed.findIndex((message) => cursorOf(message) === cursor);
  if (start === -1) return refused("invalid_cursor");
  const size = Math.max(1, most - parent.length);
  const next = listed[start + size];
  const page = [...parent, ...listed.slice(start, start + size)];
  return accepted({
    messages: page.map((message) => withoutMetadata(streams.shown(channel, message), args)),
    has_more: next !== undefined,
    ...(next !== undefined && { response_metadata: { next_cursor: cursorOf(next) } }),
  });
}

function withinRange({ oldest = "0", latest = "", inclusive }: Args): (message: StoredMessage) => boolean {
  const [from, to] = [Number(oldest), latest === "" ? Infinity : Number(latest)];
  return ({ ts }) => {
    const at = Number(ts);
    return isTrue(inclusive) ? at >= from && at <= to : at > from && at < to;
  };
}

function cursorOf({ ts }: StoredMessage): string {
  return Buffer.from(`next_ts:${ts}`).toString("base64");
}

function withoutMetadata(message: StoredMessage, args: Args): StoredMessage {
  if (isTrue(args["include_all_metadata"])) return message;
  const { metadata: _hidden, ...shown } = message;
  return shown;
}
