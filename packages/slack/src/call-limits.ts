/** At most so many calls within any span of so many milliseconds. */
interface CallLimit {
  readonly calls: number;
  readonly perMs: number;
}

/** A limit with the key under which calls are counted for it. */
export interface KeyedLimit extends CallLimit {
  readonly key: string;
}

/** Whose call it is, and what it calls. Slack counts each app's calls by workspace and method. */
export interface CallPlace {
  /** A workspace, by the name of its token's secret. */
  readonly team: string;
  /** Such as `chat.postMessage`. */
  readonly method: string;
  /** Where it posts, if it does. */
  readonly channel?: string | undefined;
}

/** The limits that a call falls under. */
export function limitsOf({ team, method, channel }: CallPlace): readonly KeyedLimit[] {
  const ofMethod = { ...(METHODS.get(method) ?? TIER_3), key: `${team} ${method}` };
  if (method !== POST || channel === undefined) return [ofMethod];
  return [ofMethod, { ...POSTS_PER_CHANNEL, key: holdKey({ team, method, channel }) }];
}

/** What one demand of Slack's to wait holds: a method, and for posts, which are limited by channel, only that channel. */
export function holdKey({ team, method, channel }: CallPlace): string {
  return method === POST && channel !== undefined ? `${team} ${method} ${channel}` : `${team} ${method}`;
}

const POST = "chat.postMessage";
const MINUTE = 60_000;
const TIER_2: CallLimit = { calls: 20, perMs: MINUTE };
const TIER_3: CallLimit = { calls: 50, perMs: MINUTE };
const TIER_4: CallLimit = { calls: 100, perMs: MINUTE };
const SPECIAL: CallLimit = { calls: 300, perMs: MINUTE };

/** Slack says: one a second, with short bursts. */
const POSTS_PER_CHANNEL: CallLimit = { calls: 5, perMs: 5_000 };

/** Methods of another tier than the third, by https://docs.slack.dev/apis/web-api/rate-limits. */
const METHODS: ReadonlyMap<string, CallLimit> = new Map([
  ["chat.startStream", TIER_2],
  ["chat.stopStream", TIER_2],
  ["conversations.list", TIER_2],
  ["reactions.remove", TIER_2],
  ["chat.appendStream", TIER_4],
  ["chat.postEphemeral", TIER_4],
  ["files.completeUploadExternal", TIER_4],
  ["files.getUploadURLExternal", TIER_4],
  ["files.info", TIER_4],
  ["users.info", TIER_4],
  ["views.publish", TIER_4],
  [POST, SPECIAL],
  ["auth.test", SPECIAL],
  ["chat.getPermalink", SPECIAL],
  ["assistant.threads.setStatus", { calls: 600, perMs: MINUTE }],
]);
