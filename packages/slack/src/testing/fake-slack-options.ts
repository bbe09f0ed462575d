import type { Clock } from "@core/registry";
import { systemClock } from "@core/registry";
import { EVENT_TYPES } from "./events.ts";
import type { FakeBot } from "./fake-workspace.ts";
import { BOT_SCOPES, FAKE_CHANNELS } from "./fake-workspace.ts";
import type { RateLimit, RateLimitsOptions } from "./rate-limits.ts";
import type { StreamLimits } from "./streams.ts";

export interface FakeSlackOptions {
  /** For limits, lifetimes, retries and late answers; messages are dated by the machine. Default: the machine's. */
  readonly clock?: Clock;
  /** How far Slack's clock is ahead of the machine's, negative for behind; in whole seconds. Default 0. */
  readonly clockOffsetMs?: number;
  /** Names, the first one being home. Default FAKE_CHANNELS. */
  readonly channels?: readonly string[];
  /** What FAKE_BOT_TOKEN may do. Default: all that the fake knows. */
  readonly scopes?: readonly string[];
  /** More tokens, such as another app's. */
  readonly bots?: readonly FakeBot[];
  /** Names of emoji beside the standard ones. */
  readonly customEmoji?: readonly string[];
  /** The events that the app is told of over its sockets. Default: all that the fake makes. */
  readonly events?: readonly string[];
  /** Whether the app is declared as an agent, and so has sessions. Default true. */
  readonly isAgent?: boolean;
  /** `observed`: what comes too often is let through, and told by `tiersExceeded`. Default `enforced`. */
  readonly rateLimits?: RateLimitsOptions["mode"];
  /** Other limits than Slack's, by method, such as `chat.postMessage`, or `chat.postMessage/channel`. */
  readonly limits?: Readonly<Record<string, RateLimit>>;
  readonly streams?: Partial<StreamLimits>;
}

export interface Settings extends Required<FakeSlackOptions> {
  readonly streams: StreamLimits;
}

export function settingsOf(options: FakeSlackOptions): Settings {
  return {
    clock: systemClock,
    clockOffsetMs: 0,
    channels: FAKE_CHANNELS,
    scopes: BOT_SCOPES,
    bots: [],
    customEmoji: [],
    events: EVENT_TYPES,
    isAgent: true,
    rateLimits: "enforced",
    limits: {},
    ...options,
    streams: { bytes: 11_600, lifetimeMs: 300_000, ...options.streams },
  };
}
