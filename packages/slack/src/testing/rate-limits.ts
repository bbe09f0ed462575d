import type { Clock } from "@core/registry";
import { rateLimitsOf } from "./method-tiers.ts";

/** At most so many calls within any span of so many milliseconds. */
export interface RateLimit {
  readonly calls: number;
  readonly perMs: number;
}

/** How often a method was called at its busiest, beside what Slack allows. */
export interface SeenRate extends RateLimit {
  readonly appId: string;
  readonly method: string;
  /** Where the limit is one channel's. */
  readonly channel?: string;
  /** The most calls within one such span, those that were refused with them. */
  readonly highest: number;
}

export interface RateLimitsOptions {
  readonly clock: Clock;
  /** `observed`: nothing is refused, and what would have been is told. */
  readonly mode: "enforced" | "observed";
  /** Other limits than Slack's, by method: of the workspace, and for chat.postMessage also `chat.postMessage/channel`. */
  readonly limits: Readonly<Record<string, RateLimit>>;
}

export interface RateLimits {
  /** Counts an app's call; how many milliseconds it came too early, 0 when it may pass. */
  admit(appId: string, method: string, channel: string | undefined): number;
  rates(): readonly SeenRate[];
  reset(): void;
}

/** Watches how often the apps of one workspace call, in spans that slide. */
export function createRateLimits({ clock, mode, limits }: RateLimitsOptions): RateLimits {
  const windows = new Map<string, Window>();
  return {
    admit(appId, method, channel) {
      const rules = rateLimitsOf(method, channel, limits);
      const touched = rules.map((rule) => windowOf(windows, { ...rule, appId, method }));
      const now = clock.now();
      const waits = touched.map((window) => attempt(window, now));
      const waitMs = mode === "observed" ? 0 : Math.max(0, ...waits);
      if (waitMs === 0) for (const window of touched) window.passed.push(now);
      return waitMs;
    },
    rates: () => [...windows.values()].map(({ rate, highest }) => ({ ...rate, highest })),
    reset: () => windows.clear(),
  };
}

interface Window {
  readonly rate: Omit<SeenRate, "highest">;
  /** When calls came within the last span, and when those came that passed. */
  attempts: number[];
  passed: number[];
  highest: number;
}

function windowOf(windows: Map<string, Window>, rate: Window["rate"]): Window {
  const key = `${rate.appId} ${rate.method} ${rate.channel ?? ""}`;
  const window = windows.get(key) ?? { rate, attempts: [], passed: [], highest: 0 };
  windows.set(key, window);
  return window;
}

/** Notes an attempt, and tells how long it should have waited. */
function attempt(window: Window, now: number): number {
  const { calls, perMs } = window.rate;
  const isRecent = (at: number): boolean => at > now - perMs;
  window.attempts = [...window.attempts.filter(isRecent), now];
  window.passed = window.passed.filter(isRecent);
  window.highest = Math.max(window.highest, window.attempts.length);
  const blocking = window.passed.at(-calls);
  return blocking === undefined ? 0 : blocking + perMs - now;
}
