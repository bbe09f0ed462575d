import type { Clock } from "@core/registry";
import { systemClock } from "@core/registry";
import { createFakeTokens } from "./fake-tokens.ts";
import type { FakeBot } from "./fake-workspace.ts";
import { BOT_SCOPES, callersOf, FAKE_CHANNELS } from "./fake-workspace.ts";
import type { FaultPlan } from "./faults.ts";
import { createFaultPlan } from "./faults.ts";
import { exchangeCode, revokeMethods } from "./oauth.ts";
import type { PersonInSlack } from "./person.ts";
import { createPerson } from "./person.ts";
import { postingMethods } from "./posting.ts";
import type { RateLimit, RateLimitsOptions, SeenRate } from "./rate-limits.ts";
import { createRateLimits } from "./rate-limits.ts";
import { reactionMethods } from "./reactions.ts";
import { readingMethods } from "./reading.ts";
import type { FakeSession } from "./sessions.ts";
import { createSessions } from "./sessions.ts";
import { createSlackApi } from "./slack-api.ts";
import type { SlackCalls } from "./slack-calls.ts";
import { createSlackCalls } from "./slack-calls.ts";
import { startSlackEmulator } from "./slack-emulator.ts";
import { startSlackServer } from "./slack-server.ts";
import { streamingMethods } from "./streaming.ts";
import type { FakeStream, StreamLimits } from "./streams.ts";
import { createStreams } from "./streams.ts";
import type { FakeFile } from "./uploads.ts";
import { createUploads } from "./uploads.ts";

export interface FakeSlackOptions {
  /** For limits, lifetimes and late answers; messages are dated by the machine. Default: the machine's. */
  readonly clock?: Clock;
  /** How far Slack's clock is ahead of the machine's, negative for behind; in whole seconds. Default 0. */
  readonly clockOffsetMs?: number;
  /** Names, the first one being home. Default FAKE_CHANNELS. */
  readonly channels?: readonly string[];
  /** What FAKE_BOT_TOKEN may do. Default: all. */
  readonly scopes?: readonly string[];
  /** More tokens, such as another app's. */
  readonly bots?: readonly FakeBot[];
  /** Names of emoji beside the standard ones. */
  readonly customEmoji?: readonly string[];
  /** `observed`: what comes too often is let through, and told by `tiersExceeded`. Default `enforced`. */
  readonly rateLimits?: RateLimitsOptions["mode"];
  /** Other limits than Slack's, by method, such as `chat.postMessage`, or `chat.postMessage/channel`. */
  readonly limits?: Readonly<Record<string, RateLimit>>;
  readonly streams?: Partial<StreamLimits>;
}

/** A strict Slack on loopback. */
export interface FakeSlack
  extends PersonInSlack, Pick<FaultPlan, "meet" | "chaos">, Pick<SlackCalls, "calls" | "hanging"> {
  readonly url: string;
  /** Of the Web API, as SLACK_API_URL. */
  readonly apiUrl: string;
  /** Where Slack listens, how often each method was called at its busiest. */
  rates(): readonly SeenRate[];
  /** The methods that were called more often than their tier allows. */
  tiersExceeded(): readonly SeenRate[];
  /** A file as it was uploaded. */
  file(id: string): FakeFile | undefined;
  /** A message that is, or was, streamed; by default in the first channel. */
  stream(ts: string, channel?: string): FakeStream | undefined;
  /** Closes a stream as Slack does, or as a person does who presses Stop. */
  endStream(ts: string, by: "slack" | "user", channel?: string): void;
  /** The agent's session in a thread. */
  session(threadTs: string, channel?: string): FakeSession | undefined;
  /** The line under a thread, such as "is thinking…"; "" when there is none. */
  threadStatus(threadTs: string, channel?: string): string;
  /** From now on this token is refused. */
  revoke(token: string): void;
  /** As if just started; channels, people and files get new ids. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one; it needs the package `emulate` 0.12. */
export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const { clock = systemClock, clockOffsetMs = 0, channels = FAKE_CHANNELS, customEmoji = [] } = options;
  const { scopes = BOT_SCOPES, bots = [], rateLimits: mode = "enforced", limits: others = {} } = options;
  const callers = callersOf(bots, scopes);
  const tokens = createFakeTokens(callers);
  const faults = createFaultPlan();
  const limits = createRateLimits({ clock, mode, limits: others });
  const emulator = await startSlackEmulator({ callers, channels, clockOffsetMs, ownUrl: () => server.url });
  const streams = createStreams(clock, { bytes: 11_600, lifetimeMs: 300_000, ...options.streams });
  const sessions = createSessions(emulator, clock);
  const uploads = createUploads(emulator);
  const onPosted = sessions.clearThreadStatus;
  const api = createSlackApi({
    tokens,
    limits,
    emulator,
    methods: {
      ...postingMethods({ emulator, streams, onPosted }),
      ...streamingMethods({ emulator, streams, onPosted, onStopped: sessions.setStatus }),
      ...readingMethods(emulator, streams),
      ...reactionMethods(emulator, customEmoji),
      ...revokeMethods(tokens),
      ...sessions.methods,
      ...uploads.methods,
    },
  });
  const calls = createSlackCalls({
    clock,
    faults,
    tokenKind: tokens.kindOf,
    async answer(call, request) {
      if (call.method === "oauth.v2.access") return { body: await exchangeCode(emulator, tokens, call.args) };
      if (call.isApi) return api(call);
      return call.method === "upload" ? uploads.receive(request) : emulator.pass(request);
    },
  });
  const server = await startSlackServer({
    reply: calls.reply,
    upgrade: (_request, socket) => socket.destroy(),
  });
  const person = createPerson({ emulator, streams, home: channels[0] ?? "general" });
  await person.arrive();
  const { channelId } = person;
  return {
    ...person,
    url: server.url,
    apiUrl: `${server.url}/api/`,
    calls: calls.calls,
    hanging: calls.hanging,
    meet: faults.meet,
    chaos: faults.chaos,
    rates: limits.rates,
    tiersExceeded: () => limits.rates().filter(({ highest, calls: most }) => highest > most),
    file: uploads.file,
    stream: (ts, channel) => streams.find(channelId(channel), ts),
    endStream(ts, by, channel) {
      streams.end(channelId(channel), ts, by === "user" ? "stopped_by_user" : "expired");
    },
    session: (threadTs, channel) => sessions.session(channelId(channel), threadTs),
    threadStatus: (threadTs, channel) => sessions.threadStatus(channelId(channel), threadTs),
    revoke: tokens.revoke,
    async reset() {
      for (const part of [calls, faults, limits, streams, sessions, uploads, tokens, emulator]) part.reset();
      await person.arrive();
    },
    async close() {
      await server.close();
      await emulator.close();
    },
  };
}
