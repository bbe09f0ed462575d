import type { RateLimit } from "./rate-limits.ts";

/** The limits that a call falls under: its method's, and for posts also the channel's. */
export function rateLimitsOf(
  method: string,
  channel: string | undefined,
  overrides: Readonly<Record<string, RateLimit>>,
): readonly (RateLimit & { readonly channel?: string })[] {
  const ofTeam = overrides[method] ?? LIMITS.get(method) ?? TIER_3;
  if (method !== POST || channel === undefined) return [ofTeam];
  return [ofTeam, { ...(overrides[`${POST}/channel`] ?? POSTS_PER_CHANNEL), channel }];
}

const POST = "chat.postMessage";
const MINUTE = 60_000;
const TIER_1: RateLimit = { calls: 1, perMs: MINUTE };
const TIER_2: RateLimit = { calls: 20, perMs: MINUTE };
const TIER_3: RateLimit = { calls: 50, perMs: MINUTE };
const TIER_4: RateLimit = { calls: 100, perMs: MINUTE };
const HUNDREDS: RateLimit = { calls: 300, perMs: MINUTE };
const STATUSES: RateLimit = { calls: 600, perMs: MINUTE };

/** One a second, with bursts of five. */
const POSTS_PER_CHANNEL: RateLimit = { calls: 5, perMs: 5_000 };

/** A method that is not listed is of tier 3. */
const LIMITS: ReadonlyMap<string, RateLimit> = new Map([
  ...methods(TIER_1, "apps.uninstall rtm.connect"),
  ...methods(
    TIER_2,
    `bookmarks.add bookmarks.edit bookmarks.remove chat.startStream chat.stopStream conversations.archive
    conversations.close conversations.create conversations.list conversations.rename conversations.setPurpose
    conversations.setTopic conversations.unarchive emoji.list pins.add pins.list pins.remove reactions.list
    reactions.remove users.conversations users.list users.setPresence`,
  ),
  ...methods(
    TIER_4,
    `api.test chat.appendStream chat.postEphemeral conversations.members files.completeUploadExternal
    files.getUploadURLExternal files.info oauth.v2.access users.info users.profile.get views.open views.publish
    views.push views.update`,
  ),
  ...methods(HUNDREDS, `auth.test chat.getPermalink ${POST}`),
  ...methods(STATUSES, "assistant.threads.setStatus"),
]);

function methods(limit: RateLimit, names: string): (readonly [string, RateLimit])[] {
  return names.split(/\s+/).map((name) => [name, limit]);
}
