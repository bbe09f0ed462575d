import type { Caller } from "./fake-tokens.ts";

/** A bot's token that may do everything that the app can ask for. */
export const FAKE_BOT_TOKEN = "xoxb-full-1";

/** A bot's token that may only post. */
export const POST_ONLY_TOKEN = "xoxb-post-only-1";

/** The app's own token, for socket mode. */
export const FAKE_APP_TOKEN = "xapp-1-A1-1-fake";

/** The names of the channels, `eng` first. */
export const FAKE_CHANNELS: readonly string[] = ["eng", "ops", "sales", "help"];

/** The workspace, and the app in it. */
export const FAKE_TEAM_ID = "T000000001";
export const FAKE_APP_ID = "A1";
export const FAKE_BOT_USER_ID = "U1AGENT";
export const FAKE_BOT_ID = "B1AGENT";

/** The person whose eyes and mouth the tests borrow. */
export const PERSON = { name: "ada", token: "xoxp-ada" };

/** All that the app can ask for. */
export const BOT_SCOPES: readonly string[] = [
  "app_mentions:read",
  "assistant:write",
  "channels:history",
  "channels:join",
  "channels:read",
  "chat:write",
  "chat:write.customize",
  "chat:write.public",
  "commands",
  "files:read",
  "files:write",
  "groups:history",
  "groups:read",
  "im:history",
  "im:read",
  "im:write",
  "mpim:history",
  "mpim:read",
  "reactions:read",
  "reactions:write",
  "team:read",
  "users:read",
  "users:read.email",
];

export const PERSON_CALLER: Caller = {
  kind: "user",
  token: PERSON.token,
  scopes: BOT_SCOPES,
  teamId: FAKE_TEAM_ID,
};

/** Another app in the same workspace, or the same one with other scopes. */
export interface FakeBot {
  readonly token: string;
  /** Default: all that an app can ask for. */
  readonly scopes?: readonly string[];
  /** Default: the fake's own app. */
  readonly appId?: string;
}

/** Who the tokens of a fake Slack speak for. */
export function callersOf(bots: readonly FakeBot[], scopes: readonly string[]): readonly Caller[] {
  return [
    botCaller({ token: FAKE_BOT_TOKEN, scopes }),
    botCaller({ token: POST_ONLY_TOKEN, scopes: ["chat:write"] }),
    ...bots.map(botCaller),
    PERSON_CALLER,
    {
      kind: "app",
      token: FAKE_APP_TOKEN,
      scopes: ["connections:write"],
      teamId: FAKE_TEAM_ID,
      appId: FAKE_APP_ID,
    },
  ];
}

function botCaller({ token, scopes = BOT_SCOPES, appId = FAKE_APP_ID }: FakeBot): Caller {
  const isOwn = appId === FAKE_APP_ID;
  const ids = isOwn
    ? { userId: FAKE_BOT_USER_ID, botId: FAKE_BOT_ID }
    : { userId: `U${appId}`, botId: `B${appId}` };
  return { kind: "bot", token, scopes, teamId: FAKE_TEAM_ID, appId, ...ids };
}
