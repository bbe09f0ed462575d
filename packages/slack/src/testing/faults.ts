import type { ApiAnswer } from "./api-call.ts";
import { refused } from "./api-call.ts";
import type { HttpAnswer } from "./slack-server.ts";

/**
 * What a call meets: `drop_before` ends its connection before Slack has it, `drop_after` once Slack has it, `hang`
 * never answers it and Slack never has it, `lateMs` keeps Slack's answer back for so long, and anything else is
 * answered in Slack's place.
 */
export type Fault = "drop_before" | "drop_after" | "hang" | { readonly lateMs: number } | FaultyAnswer;

export type FaultyAnswer = HttpAnswer;

/** 429; without seconds it lacks the header Retry-After. */
export function rateLimited(retryAfterSeconds?: number): FaultyAnswer {
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return { status: 429, headers, body: refused("ratelimited") };
}

/** 503, as from the machines before Slack. */
export function unavailable(): FaultyAnswer {
  return { status: 503, body: "<html>Service Unavailable</html>" };
}

/** One of Slack's own refusals, such as `is_archived`. */
export function refusal(error: string, more: Readonly<Record<string, unknown>> = {}): FaultyAnswer {
  const body: ApiAnswer = { ...refused(error), ...more };
  return { body };
}

/** The refusal for want of a scope. */
export function lackOfScope(needed: string, provided = ""): FaultyAnswer {
  return refusal("missing_scope", { needed, provided });
}

/** Faults at random: each share is of all calls that the methods name, between 0 and 1. */
export interface Chaos {
  /** The same seed and the same order of calls give the same faults. */
  readonly seed: number;
  readonly dropBefore?: number;
  readonly dropAfter?: number;
  /** 429, half of them with a Retry-After of one second. */
  readonly rateLimited?: number;
  readonly unavailable?: number;
  readonly late?: number;
  /** The longest that an answer is late. Default 200. */
  readonly lateMs?: number;
  /** Default: all. */
  readonly methods?: readonly string[];
}

export interface FaultPlan {
  /** The next calls of this method meet these faults, one each, before any at random; `null` lets one pass. */
  meet(method: string, ...faults: readonly (Fault | null)[]): void;
  /** Faults at random from now on; the returned function ends them. */
  chaos(plan: Chaos): () => void;
  next(method: string): Fault | null;
  reset(): void;
}

export function createFaultPlan(): FaultPlan {
  const waiting = new Map<string, (Fault | null)[]>();
  let draw: ((method: string) => Fault | null) | null = null;
  return {
    meet: (method, ...faults) => void waiting.set(method, [...(waiting.get(method) ?? []), ...faults]),
    chaos(plan) {
      const drawing = randomFaults(plan);
      draw = drawing;
      return () => {
        if (draw === drawing) draw = null;
      };
    },
    next(method) {
      const fault = waiting.get(method)?.shift();
      return fault === undefined ? (draw?.(method) ?? null) : fault;
    },
    reset() {
      waiting.clear();
      draw = null;
    },
  };
}

function randomFaults(plan: Chaos): (method: string) => Fault | null {
  const { dropBefore = 0, dropAfter = 0, rateLimited: limited = 0, unavailable: down = 0, late = 0 } = plan;
  const random = seededRandom(plan.seed);
  const shares: readonly (readonly [number, () => Fault])[] = [
    [dropBefore, () => "drop_before"],
    [dropAfter, () => "drop_after"],
    [limited, () => (random() < 0.5 ? rateLimited(1) : rateLimited())],
    [down, unavailable],
    [late, () => ({ lateMs: Math.ceil(random() * (plan.lateMs ?? 200)) })],
  ];
  return (method) => {
    if (plan.methods?.includes(method) === false) return null;
    let drawn = random();
    for (const [share, fault] of shares) {
      if (drawn < share) return fault();
      drawn -= share;
    }
    return null;
  };
}

/** Mulberry32: small, and good enough to spread faults. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
