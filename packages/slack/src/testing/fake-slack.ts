import type { FakeSlackOptions } from "./fake-slack-options.ts";
import { settingsOf } from "./fake-slack-options.ts";
import { createFakeTokens } from "./fake-tokens.ts";
import { callersOf } from "./fake-workspace.ts";
import type { FaultPlan } from "./faults.ts";
import { createFaultPlan } from "./faults.ts";
import { openMethods, revokeMethods } from "./oauth.ts";
import type { PersonInSlack } from "./person.ts";
import type { SeenRate } from "./rate-limits.ts";
import { createRateLimits } from "./rate-limits.ts";
import type { SlackReader } from "./reader.ts";
import type { FakeSession } from "./sessions.ts";
import { createSlackApi } from "./slack-api.ts";
import type { SlackCalls } from "./slack-calls.ts";
import { createSlackCalls } from "./slack-calls.ts";
import { startSlackServer } from "./slack-server.ts";
import type { SlackWorld } from "./slack-world.ts";
import { createSlackWorld } from "./slack-world.ts";
import type { FakeSockets } from "./socket-mode.ts";
import type { FakeStream } from "./streams.ts";
import type { FakeFile } from "./uploads.ts";

/** A strict Slack on loopback. */
export interface FakeSlack
  extends
    PersonInSlack,
    SlackReader,
    Pick<FaultPlan, "meet" | "chaos">,
    Pick<SlackCalls, "calls" | "hanging"> {
  readonly url: string;
  /** Of the Web API, as SLACK_API_URL. */
  readonly apiUrl: string;
  readonly sockets: FakeSockets;
  /** How often each method was called at its busiest, beside its tier. */
  rates(): readonly SeenRate[];
  /** Those that were called more often than their tier allows. */
  tiersExceeded(): readonly SeenRate[];
  /** A file as it was uploaded. */
  file(id: string): FakeFile | undefined;
  /** A message that is, or was, streamed; by default in the first channel. */
  stream(ts: string, channel?: string): FakeStream | undefined;
  /** Ends a stream as Slack does after its five minutes, or as a person does who stops it, though nobody is told. */
  endStream(ts: string, by?: "slack" | "user", channel?: string): void;
  /** The agent's session in a thread. */
  session(threadTs: string, channel?: string): FakeSession | undefined;
  /** The line under a thread, such as "is thinking…"; "" when there is none. */
  threadStatus(threadTs: string, channel?: string): string;
  /** From now on this token is refused. */
  revoke(token: string): void;
  /** As if just started, though sockets stay open; channels, people and files get new ids. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one; it needs the packages `emulate` 0.12 and `ws` 8. */
export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const settings = settingsOf(options);
  const { clock, limits: ownLimits, rateLimits: mode } = settings;
  const callers = callersOf(settings.bots, settings.scopes);
  const tokens = createFakeTokens(callers);
  const faults = createFaultPlan();
  const limits = createRateLimits({ clock, mode, limits: ownLimits });
  const world = await createSlackWorld(settings, callers, () => server.url);
  const { emulator, uploads, socketMode } = world;
  const methods = { ...world.methods, ...revokeMethods(tokens) };
  const api = createSlackApi({
    tokens,
    limits,
    emulator,
    methods,
    openMethods: openMethods(emulator, tokens),
  });
  const calls = createSlackCalls({
    clock,
    faults,
    tokenKind: tokens.kindOf,
    async answer(call, request) {
      if (call.isApi) return api(call);
      return call.method === "upload" ? uploads.receive(request) : emulator.pass(request);
    },
  });
  const server = await startSlackServer({ reply: calls.reply, upgrade: socketMode.upgrade });
  await world.reader.arrive();
  return {
    ...viewOf(world),
    url: server.url,
    apiUrl: `${server.url}/api/`,
    calls: calls.calls,
    hanging: calls.hanging,
    meet: faults.meet,
    chaos: faults.chaos,
    rates: limits.rates,
    tiersExceeded: () => limits.rates().filter((rate) => rate.highest > rate.calls),
    revoke: tokens.revoke,
    async reset() {
      for (const part of [calls, faults, limits, tokens]) part.reset();
      await world.reset();
    },
    async close() {
      socketMode.close();
      await server.close();
      await emulator.close();
    },
  };
}

type View = PersonInSlack &
  SlackReader &
  Pick<FakeSlack, "sockets" | "file" | "stream" | "endStream" | "session" | "threadStatus">;

/** What the world shows of itself, by names that stand for ids. */
function viewOf({ reader, person, socketMode, uploads, streams, sessions, threadStatus }: SlackWorld): View {
  const { userId, channelId, directMessageId, messages, reactions } = reader;
  return {
    ...person,
    userId,
    channelId,
    directMessageId,
    messages,
    reactions,
    sockets: socketMode.sockets,
    file: uploads.file,
    stream: (ts, channel) => streams.snapshot(channelId(channel), ts),
    endStream(ts, by = "slack", channel) {
      streams.end(channelId(channel), ts, by === "user" ? "stopped_by_user" : "expired");
    },
    session: (threadTs, channel) => sessions.find(channelId(channel), threadTs),
    threadStatus: (threadTs, channel) => threadStatus.line(channelId(channel), threadTs),
  };
}
