import { createEmulator } from "emulate";
import type { ApiAnswer, Args } from "./api-call.ts";
import { refused } from "./api-call.ts";
import type { Caller } from "./fake-tokens.ts";
import { PERSON } from "./fake-workspace.ts";
import type { HttpAnswer, HttpRequest } from "./slack-server.ts";
import { shiftTimestamps } from "./slack-time.ts";

export interface SlackEmulatorOptions {
  readonly callers: readonly Caller[];
  readonly channels: readonly string[];
  /** How far Slack's clock is ahead of the machine's. */
  readonly clockOffsetMs: number;
  /** What stands in its answers for its own address. */
  readonly ownUrl: () => string;
}

/** What the package `emulate` knows of Slack, and keeps: messages, reactions, files, people, views, OAuth. */
export interface SlackEmulator {
  /** Asks by a token; by default as the person, who may read all. */
  call(method: string, args?: Args, token?: string): Promise<ApiAnswer>;
  /** Passes a request on as it came, such as bytes, and the answer back. */
  pass(request: HttpRequest): Promise<HttpAnswer>;
  reset(): void;
  close(): Promise<void>;
}

export async function startSlackEmulator(options: SlackEmulatorOptions): Promise<SlackEmulator> {
  const emulator = await createEmulator({ service: "slack", port: 0, seed: { slack: seedOf(options) } });
  const { clockOffsetMs, ownUrl } = options;
  return {
    async call(method, args = {}, token = PERSON.token) {
      const response = await fetch(`${emulator.url}/api/${method}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams(shiftArguments(args, -clockOffsetMs)),
      });
      if (response.status === 404) return { ...refused("unknown_method"), req_method: method };
      const text = (await response.text()).replaceAll(emulator.url, ownUrl());
      return JSON.parse(shiftTimestamps(text, clockOffsetMs)) as ApiAnswer;
    },
    pass: (request) => pass(emulator.url, request, ownUrl()),
    reset: () => emulator.reset(),
    close: () => emulator.close(),
  };
}

function shiftArguments(args: Args, byMs: number): Record<string, string> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, shiftTimestamps(value, byMs)]),
  );
}

async function pass(
  upstreamUrl: string,
  { verb, path, headers, body }: HttpRequest,
  ownUrl: string,
): Promise<HttpAnswer> {
  const { authorization, "content-type": type } = headers;
  const response = await fetch(new URL(path, upstreamUrl), {
    method: verb,
    redirect: "manual",
    headers: { ...(authorization && { authorization }), ...(type && { "content-type": type }) },
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
  const location = response.headers.get("location")?.replace(upstreamUrl, ownUrl);
  return {
    status: response.status,
    headers: {
      "content-type": response.headers.get("content-type") ?? "text/plain",
      ...(location !== undefined && { location }),
    },
    body: new Uint8Array(await response.arrayBuffer()),
  };
}

/** A token is refused without the app that it belongs to. */
function seedOf({ callers, channels }: SlackEmulatorOptions): Record<string, unknown> {
  const bots = callers.filter(({ kind }) => kind === "bot");
  const apps = new Map(bots.map((bot) => [bot.appId, bot]));
  return {
    strict_scopes: true,
    users: [{ name: PERSON.name }],
    channels: channels.map((name) => ({ name })),
    oauth_apps: [...apps.values()].map(appOf),
    tokens: callers.filter(({ kind }) => kind !== "app").map(tokenOf),
  };
}

function appOf({ appId, botId, userId, scopes }: Caller): Record<string, unknown> {
  return {
    app_id: appId,
    bot_id: botId,
    bot_user_id: userId,
    bot_name: `agent-${appId}`,
    client_id: `client-${appId}`,
    client_secret: "shh",
    name: `Agent ${appId}`,
    redirect_uris: ["http://127.0.0.1/"],
    scopes,
  };
}

function tokenOf({ kind, token, scopes, userId, appId, botId }: Caller): Record<string, unknown> {
  if (kind === "user") return { token, type: "user", user: PERSON.name, scopes };
  return {
    token,
    type: "bot",
    app_id: appId,
    user_id: userId,
    bot_user_id: userId,
    bot_id: botId,
    scopes,
  };
}
