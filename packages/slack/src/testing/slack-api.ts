import type { ApiAnswer, ApiCall, Method } from "./api-call.ts";
import { refused } from "./api-call.ts";
import type { Caller, FakeTokens } from "./fake-tokens.ts";
import type { IncomingCall } from "./incoming-call.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import type { HttpAnswer } from "./slack-server.ts";

export interface SlackApiOptions {
  readonly tokens: FakeTokens;
  readonly limits: RateLimits;
  readonly emulator: SlackEmulator;
  /** Answered here; all others are the emulator's. */
  readonly methods: Readonly<Record<string, Method>>;
}

/** Answers calls as Slack does: by whom, how often, in which form, and then what. */
export function createSlackApi(options: SlackApiOptions): (call: IncomingCall) => Promise<HttpAnswer> {
  const { tokens, limits, emulator, methods } = options;
  return async (call) => {
    const { method, args } = call;
    const caller = tokens.find(call.token);
    if ("ok" in caller) return { body: caller };
    const waitMs = limits.admit(method, args["channel"]);
    if (waitMs > 0) return tooSoon(waitMs);
    const refusal = formRefusal(call, caller);
    if (refusal !== undefined) return { body: refusal };
    const answered = await (methods[method] ?? asEmulated(emulator))({ method, args, caller });
    return { headers: { "x-oauth-scopes": caller.scopes.join(",") }, body: answered };
  };
}

function tooSoon(waitMs: number): HttpAnswer {
  const headers = { "retry-after": String(Math.ceil(waitMs / 1_000)) };
  return { status: 429, headers, body: refused("ratelimited") };
}

/** Slack reads no JSON here, and then misses all arguments. */
const FORM_ONLY: readonly string[] = [
  "bots.info",
  "chat.getPermalink",
  "conversations.history",
  "conversations.info",
  "conversations.list",
  "conversations.members",
  "conversations.replies",
  "emoji.list",
  "files.getUploadURLExternal",
  "files.info",
  "files.list",
  "reactions.get",
  "reactions.list",
  "team.info",
  "users.conversations",
  "users.info",
  "users.list",
  "users.lookupByEmail",
];

function formRefusal({ method, isJson }: IncomingCall, { kind }: Caller): ApiAnswer | undefined {
  if ((kind === "app") !== method.startsWith("apps.")) return refused("not_allowed_token_type");
  return isJson && FORM_ONLY.includes(method)
    ? refused("invalid_arguments", "missing required fields")
    : undefined;
}

function asEmulated(emulator: SlackEmulator): Method {
  return ({ method, args, caller }: ApiCall) => emulator.call(method, args, caller.token);
}
