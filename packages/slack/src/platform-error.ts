import type { FailedDelivery } from "@core/registry";

/** What an error code of Slack's means for a delivery. */
export interface PlatformError {
  readonly failure: FailedDelivery["failure"];
  /** What a person can do; `{token}` stands for the name of the token's secret. */
  readonly advice: string;
}

/** Reads an error code of Slack's. One that is not listed is a refusal that will not change. */
export function platformError(code: string): PlatformError {
  return KNOWN.get(code) ?? { failure: "permanent", advice: "The same message would be refused again." };
}

const INVITE = "Check the id, and invite the app to the channel.";
const THREAD_GONE =
  "The message to answer may have been deleted. Leave thread_ts out to post into the channel.";
const POSTING_RULES =
  "The channel's posting rules keep the app out. Let it post there, or choose another channel.";

const PERMANENT = {
  channel_not_found: INVITE,
  not_in_channel: "Invite the app to the channel.",
  is_archived: "Unarchive the channel, or choose another one.",
  thread_not_found: THREAD_GONE,
  message_not_found: THREAD_GONE,
  cannot_reply_to_message: THREAD_GONE,
  restricted_action: POSTING_RULES,
  restricted_action_read_only_channel: POSTING_RULES,
  restricted_action_thread_only_channel: POSTING_RULES,
  restricted_action_non_threadable_channel: POSTING_RULES,
  messages_tab_disabled: "Switch the messages tab of the app's home on, in the app's settings.",
};

const NEW_TOKEN = 'Install the app again and set the secret "{token}" to its new bot token.';
const ADMINISTRATORS = "Ask the administrators of the workspace to let the app in.";

const MISCONFIGURED = {
  invalid_auth: NEW_TOKEN,
  not_authed: NEW_TOKEN,
  account_inactive: NEW_TOKEN,
  token_revoked: NEW_TOKEN,
  token_expired: NEW_TOKEN,
  not_allowed_token_type: 'Set the secret "{token}" to a bot token (xoxb-…).',
  metadata_must_be_sent_from_app: 'Set the secret "{token}" to the bot token (xoxb-…) of an app.',
  missing_scope: "Add the scope to the app and install it again.",
  no_permission: ADMINISTRATORS,
  access_denied: ADMINISTRATORS,
  accesslimited: ADMINISTRATORS,
  ekm_access_denied: ADMINISTRATORS,
  enterprise_is_restricted: ADMINISTRATORS,
  team_access_not_granted: ADMINISTRATORS,
  two_factor_setup_required: ADMINISTRATORS,
  org_login_required: "The workspace is moving to an organisation. Retry when that has ended.",
};

const LATER = "It is tried again.";

const RETRYABLE = {
  ratelimited: LATER,
  rate_limited: LATER,
  message_limit_exceeded: LATER,
  request_timeout: LATER,
  service_unavailable: LATER,
  team_added_to_org: LATER,
};

/** Slack says of these that a part of the work may have been done. */
const AMBIGUOUS = {
  internal_error: "The message may have been posted.",
  fatal_error: "The message may have been posted.",
};

const KNOWN: ReadonlyMap<string, PlatformError> = new Map([
  ...rows("permanent", PERMANENT),
  ...rows("misconfigured", MISCONFIGURED),
  ...rows("retryable", RETRYABLE),
  ...rows("ambiguous", AMBIGUOUS),
]);

function rows(
  failure: PlatformError["failure"],
  advices: Readonly<Record<string, string>>,
): (readonly [string, PlatformError])[] {
  return Object.entries(advices).map(([code, advice]) => [code, { failure, advice }]);
}
