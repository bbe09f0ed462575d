import type { Clock } from "@core/registry";
import type { ApiAnswer, ApiCall, Method } from "./api-call.ts";
import { accepted, characters, missingArgument, refused } from "./api-call.ts";
import { authorRefusal, placeRefusal } from "./message-rules.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import { SESSION_STATES } from "./streaming.ts";

/** An agent's work in one thread, as Slack shows it. */
export interface FakeSession {
  /** `active`, `processing`, `suspended` or `closed`. */
  readonly status: string;
  readonly title: string | null;
}

/** The agent's sessions, by their threads. */
export interface FakeSessions {
  readonly methods: Readonly<Record<string, Method>>;
  find(channel: string, threadTs: string): FakeSession | undefined;
  /** Makes the session where there is none. */
  setStatus(channel: string, threadTs: string, status: string): void;
  reset(): void;
}

export interface SessionsOptions {
  readonly emulator: SlackEmulator;
  readonly clock: Clock;
  /** Whether the app is declared as an agent; others have no sessions. */
  readonly isAgent: boolean;
  /** Whether the app is told when somebody presses Stop. */
  readonly hearsStop: boolean;
}

export function createSessions(options: SessionsOptions): FakeSessions {
  const { clock, isAgent } = options;
  const sessions = new Map<string, StoredSession>();
  const find = (channel: string, threadTs: string): FakeSession | undefined => {
    const session = sessions.get(`${channel} ${threadTs}`);
    return session && { status: statusAt(session, clock.now()), title: session.title };
  };
  const change: ChangeSession = (channel, threadTs, changed) => {
    const session = { status: "active", title: null, ...find(channel, threadTs), ...changed };
    sessions.set(`${channel} ${threadTs}`, { ...session, at: clock.now() });
    return session;
  };
  return {
    methods: {
      "agents.sessions.setStatus": (call) => setStatus(call, options, find, change),
      "agents.sessions.rename": (call) => rename(call, options, find, change),
    },
    find,
    setStatus(channel, threadTs, status) {
      if (isAgent) change(channel, threadTs, { status });
    },
    reset: () => sessions.clear(),
  };
}

interface StoredSession extends FakeSession {
  readonly at: number;
}

type FindSession = FakeSessions["find"];
type ChangeSession = (channel: string, threadTs: string, changed: Partial<FakeSession>) => FakeSession;

/** After this long Slack believes no more that anybody works on it. */
const PROCESSING_MS = 3_600_000;

function statusAt({ status, at }: StoredSession, now: number): string {
  return status === "processing" && now >= at + PROCESSING_MS ? "active" : status;
}

const TITLE_CHARACTERS = 200;

function agentRefusal({ isAgent }: SessionsOptions): ApiAnswer | undefined {
  return isAgent ? undefined : refused("not_authorized");
}

function titleRefusal(title = ""): ApiAnswer | undefined {
  return characters(title) > TITLE_CHARACTERS ? refused("invalid_arguments", "title is too long") : undefined;
}

async function setStatus(
  call: ApiCall,
  options: SessionsOptions,
  find: FindSession,
  change: ChangeSession,
): Promise<ApiAnswer> {
  const { channel_id: channel = "", thread_ts: threadTs = "", status = "", title } = call.args;
  const refusal =
    agentRefusal(options) ??
    missingArgument(call.args, "channel_id", "thread_ts", "status") ??
    (SESSION_STATES.includes(status) ? undefined : refused("invalid_arguments", "invalid status")) ??
    titleRefusal(title) ??
    authorRefusal(call) ??
    (await placeRefusal(options.emulator, channel, threadTs));
  if (refusal !== undefined) return refusal;
  const isNew = find(channel, threadTs) === undefined;
  const session = change(channel, threadTs, { status, ...(isNew && title !== undefined && { title }) });
  const warning = status === "processing" && !options.hearsStop && { warning: UNHEARD };
  return accepted({ status, agent_status: status, title: session.title ?? "", ...warning });
}

const UNHEARD = "missing_agent_session_stopped_event_subscription";

function rename(
  call: ApiCall,
  options: SessionsOptions,
  find: FindSession,
  change: ChangeSession,
): ApiAnswer {
  const { channel_id: channel = "", thread_ts: threadTs = "", title = "" } = call.args;
  const refusal =
    agentRefusal(options) ??
    missingArgument(call.args, "channel_id", "title") ??
    titleRefusal(title) ??
    (find(channel, threadTs) === undefined ? refused("session_not_found") : undefined);
  return refusal ?? accepted({ title: change(channel, threadTs, { title }).title });
}
