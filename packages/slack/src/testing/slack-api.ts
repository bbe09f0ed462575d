import type { ApiAnswer, ApiCall, Args, Method } from "./api-call.ts";
import { refused } from "./api-call.ts";
import type { FakeTokens } from "./fake-tokens.ts";
import type { IncomingCall } from "./incoming-call.ts";
import { callRefusal } from "./method-rules.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import type { HttpAnswer } from "./slack-server.ts";

export interface SlackApiOptions {
  readonly tokens: FakeTokens;
  readonly limits: RateLimits;
  readonly emulator: SlackEmulator;
  /** Answered here; all others are the emulator's. */
  readonly methods: Readonly<Record<string, Method>>;
  /** Those that nobody needs a token for. */
  readonly openMethods: Readonly<Record<string, (args: Args) => ApiAnswer | Promise<ApiAnswer>>>;
}

/** Answers calls as Slack does: by whom, how often, in which form, and then what. */
export function createSlackApi(options: SlackApiOptions): (call: IncomingCall) => Promise<HttpAnswer> {
  const { tokens, limits, emulator, methods, openMethods } = options;
  return async (call) => {
    const { method, args } = call;
    const open = openMethods[method];
    if (open !== undefined) return { body: await open(args) };
    const caller = tokens.find(call.token);
    if ("ok" in caller) return { body: caller };
    const waitMs = limits.admit(caller.appId ?? caller.kind, method, args["channel"]);
    if (waitMs > 0) return tooSoon(waitMs);
    const refusal = callRefusal(call, caller);
    if (refusal !== undefined) return { body: refusal };
    const answered = await (methods[method] ?? asEmulated(emulator))({ method, args, caller });
    return { headers: { "x-oauth-scopes": caller.scopes.join(",") }, body: answered };
  };
}

function tooSoon(waitMs: number): HttpAnswer {
  const headers = { "retry-after": String(Math.ceil(waitMs / 1_000)) };
  return { status: 429, headers, body: refused("ratelimited") };
}

function asEmulated(emulator: SlackEmulator): Method {
  return ({ method, args, caller }: ApiCall) => emulator.call(method, args, caller.token);
}
