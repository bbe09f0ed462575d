import type { Clock } from "@core/registry";
import type { ApiAnswer, ApiCall, Method } from "./api-call.ts";
import { accepted, characters, jsonArgument, missingArgument, refused } from "./api-call.ts";
import { missingScope } from "./fake-tokens.ts";
import { authorRefusal, threadRefusal } from "./message-rules.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import { SESSION_STATES } from "./streaming.ts";

/** An agent's work in one thread, as Slack shows it. */
export interface FakeSession {
  /** `active`, `processing`, `suspended` or `closed`. */
  readonly status: string;
  readonly title: string | null;
}

/** What the app has said of its work in threads. */
export interface FakeSessions {
  readonly methods: Readonly<Record<string, Method>>;
  session(channel: string, threadTs: string): FakeSession | undefined;
  /** The line under a thread such as "is thinking…"; "" when there is none, or no longer. */
  threadStatus(channel: string, threadTs: string): string;
  setStatus(channel: string, threadTs: string, status: string): void;
  /** A post takes the line under its thread away. */
  clearThreadStatus(channel: string, threadTs: string | undefined): void;
  reset(): void;
}

export function createSessions(emulator: SlackEmulator, clock: Clock): FakeSessions {
  const sessions = new Map<string, FakeSession>();
  const lines = new Map<string, { readonly status: string; readonly until: number }>();
  const set = (channel: string, threadTs: string, change: Partial<FakeSession>): FakeSession => {
    const key = `${channel} ${threadTs}`;
    const session = { status: "active", title: null, ...sessions.get(key), ...change };
    sessions.set(key, session);
    return session;
  };
  const find = (channel: string, threadTs: string): FakeSession | undefined =>
    sessions.get(`${channel} ${threadTs}`);
  const setLine = (channel: string, threadTs: string, status: string): void => {
    lines.set(`${channel} ${threadTs}`, { status, until: clock.now() + LINE_MS });
  };
  return {
    methods: {
      "agents.sessions.setStatus": (call) => setSessionStatus(call, emulator, set),
      "agents.sessions.rename": (call) => rename(call, find, set),
      "assistant.threads.setStatus": (call) => setThreadStatus(call, emulator, setLine),
      "assistant.threads.setTitle": (call) => setTitle(call, set),
      "assistant.threads.setSuggestedPrompts": setSuggestedPrompts,
    },
    session: find,
    threadStatus(channel, threadTs) {
      const line = lines.get(`${channel} ${threadTs}`);
      return line !== undefined && clock.now() < line.until ? line.status : "";
    },
    setStatus: (channel, threadTs, status) => void set(channel, threadTs, { status }),
    clearThreadStatus: (channel, threadTs) => void lines.delete(`${channel} ${threadTs}`),
    reset() {
      sessions.clear();
      lines.clear();
    },
  };
}

/** A status that nobody renews is gone after two minutes. */
const LINE_MS = 120_000;
const TITLE_CHARACTERS = 200;

type SetSession = (channel: string, threadTs: string, change: Partial<FakeSession>) => FakeSession;

async function setSessionStatus(call: ApiCall, emulator: SlackEmulator, set: SetSession): Promise<ApiAnswer> {
  const { args, caller } = call;
  const { channel_id: channel = "", thread_ts: threadTs = "", status = "", title } = args;
  const refusal =
    missingScope(caller, "chat:write") ??
    missingArgument(args, "channel_id", "thread_ts", "status") ??
    (SESSION_STATES.includes(status) ? undefined : refused("invalid_arguments", "invalid status")) ??
    (characters(title ?? "") > TITLE_CHARACTERS
      ? refused("invalid_arguments", "title too long")
      : undefined) ??
    authorRefusal(call) ??
    (await placeRefusal(emulator, channel, threadTs));
  if (refusal !== undefined) return refusal;
  const session = set(channel, threadTs, { status });
  return accepted({
    status: session.status,
    agent_status: session.status,
    title: session.title ?? title ?? "",
  });
}

async function placeRefusal(
  emulator: SlackEmulator,
  channel: string,
  threadTs: string,
): Promise<ApiAnswer | undefined> {
  const { ok } = await emulator.call("conversations.info", { channel });
  return ok ? threadRefusal(emulator, channel, threadTs) : refused("channel_not_found");
}

function rename({ args, caller }: ApiCall, find: FakeSessions["session"], set: SetSession): ApiAnswer {
  const { channel_id: channel = "", thread_ts: threadTs = "", title = "" } = args;
  const refusal = missingScope(caller, "chat:write") ?? missingArgument(args, "channel_id", "title");
  if (refusal !== undefined) return refusal;
  if (characters(title) > TITLE_CHARACTERS) return refused("invalid_arguments", "title too long");
  if (find(channel, threadTs) === undefined) return refused("session_not_found");
  return accepted({ title: set(channel, threadTs, { title }).title });
}

async function setThreadStatus(
  call: ApiCall,
  emulator: SlackEmulator,
  setLine: (channel: string, threadTs: string, status: string) => void,
): Promise<ApiAnswer> {
  const { args, caller } = call;
  const { channel_id: channel = "", thread_ts: threadTs = "", status, loading_messages: loading } = args;
  const messages = jsonArgument(loading);
  const refusal =
    missingScope(caller, "chat:write") ??
    missingArgument(args, "channel_id", "thread_ts") ??
    (status === undefined ? refused("invalid_arguments", "missing required field: status") : undefined) ??
    (Array.isArray(messages) && messages.length > 10
      ? refused("invalid_arguments", "no more than 10 items allowed [json-pointer:/loading_messages]")
      : undefined) ??
    authorRefusal(call) ??
    (await placeRefusal(emulator, channel, threadTs));
  if (refusal !== undefined) return refusal;
  setLine(channel, threadTs, status ?? "");
  return accepted();
}

function setTitle({ args, caller }: ApiCall, set: SetSession): ApiAnswer {
  const { channel_id: channel = "", thread_ts: threadTs = "", title = "" } = args;
  const refusal =
    missingScope(caller, "assistant:write") ?? missingArgument(args, "channel_id", "thread_ts", "title");
  if (refusal !== undefined) return refusal;
  set(channel, threadTs, { title });
  return accepted();
}

function setSuggestedPrompts({ args, caller }: ApiCall): ApiAnswer {
  const refusal = missingScope(caller, "assistant:write") ?? missingArgument(args, "channel_id", "prompts");
  if (refusal !== undefined) return refusal;
  const prompts = jsonArgument(args["prompts"]);
  return Array.isArray(prompts) && prompts.length <= 4
    ? accepted()
    : refused("invalid_arguments", "at most 4 prompts");
}
