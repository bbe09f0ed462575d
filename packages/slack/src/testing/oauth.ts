import type { ApiAnswer, Args, Method } from "./api-call.ts";
import { accepted, isTrue, refused } from "./api-call.ts";
import type { FakeTokens } from "./fake-tokens.ts";
import { FAKE_BOT_ID, FAKE_TEAM_ID } from "./fake-workspace.ts";
import type { SlackEmulator } from "./slack-emulator.ts";

/** The methods that need no token. */
export function openMethods(
  emulator: SlackEmulator,
  tokens: FakeTokens,
): Readonly<Record<string, (args: Args) => ApiAnswer | Promise<ApiAnswer>>> {
  return {
    "api.test": (args) => (args["error"] === undefined ? accepted({ args }) : refused(args["error"])),
    "oauth.v2.access": (args) => exchangeCode(emulator, tokens, args),
  };
}

/** Exchanges a code by the emulator, and lets the tokens in that it gives for it. */
async function exchangeCode(emulator: SlackEmulator, tokens: FakeTokens, args: Args): Promise<ApiAnswer> {
  const answer = await emulator.call("oauth.v2.access", args, "");
  if (!answer.ok) return answer;
  const { access_token: token, scope, bot_user_id: userId, app_id: appId } = answer as unknown as Granted;
  const scopes = scope.split(",");
  tokens.issue({ kind: "bot", token, scopes, teamId: FAKE_TEAM_ID, userId, appId, botId: FAKE_BOT_ID });
  return answer;
}

interface Granted {
  readonly access_token: string;
  readonly scope: string;
  readonly bot_user_id: string;
  readonly app_id: string;
}

/** The method by which an app gives its token back. */
export function revokeMethods(tokens: FakeTokens): Readonly<Record<string, Method>> {
  return {
    "auth.revoke"({ args, caller }) {
      const isRevoked = !isTrue(args["test"]);
      if (isRevoked) tokens.revoke(caller.token);
      return accepted({ revoked: isRevoked });
    },
  };
}
