import type { Clock } from "./clock.ts";
import { systemClock } from "./clock.ts";
import { IntegrationError } from "./errors.ts";
import type {
  GateDecision,
  GateHook,
  HookContext,
  HookData,
  HookListeners,
  HookName,
  ObserveHook,
  WaterfallHook,
} from "./hook-events.ts";
import { callListener } from "./hook-call.ts";
import type { Tap } from "./hook-call.ts";
import { createObserverQueue } from "./observer-queue.ts";
import type { ObserverQueue } from "./observer-queue.ts";

export interface HookOptions {
  /** Higher first; equal ones in order of registration. Default 0. */
  readonly priority?: number;
  /** Who listens; named in every report. */
  readonly owner?: string;
  /** Its signal is aborted and it is given up after this. Default 15 s for waterfalls and gates, 30 s for observers. */
  readonly timeoutMs?: number;
}

/** A listener that failed, was late or was flooded. Reported, never raised. */
export interface HookReport {
  readonly event: HookName;
  readonly owner: string;
  readonly error: IntegrationError;
}

export interface HooksOptions {
  readonly clock?: Clock;
  readonly onReport?: (report: HookReport) => void;
  /** Events that may wait for one listener; beyond it new ones are dropped and reported. Default 1,000. */
  readonly queueLimit?: number;
}

/** Subscriptions to the lifecycle of an agent. */
export interface Hooks {
  /** Subscribes; the returned function unsubscribes and drops the events that still wait. */
  on<Name extends HookName>(event: Name, listener: HookListeners[Name], options?: HookOptions): () => void;
  /** Tells observers, without waiting for them and without ever throwing. */
  emit<Name extends ObserveHook>(event: Name, context: HookContext, data: HookData<Name>): void;
  /** Passes data through the listeners, each seeing the change of the one before; a failing one is left out, and so is an answer that is no such data. */
  waterfall<Name extends WaterfallHook>(
    event: Name,
    context: HookContext,
    data: HookData<Name>,
  ): Promise<HookData<Name>>;
  /** Asks the listeners until one refuses; a failing or late one refuses. */
  gate<Name extends GateHook>(event: Name, context: HookContext, data: HookData<Name>): Promise<GateDecision>;
  /** Resolves when every event emitted before has been seen. */
  flush(): Promise<void>;
}

const GATE_TIMEOUT_MS = 15_000;
const OBSERVE_TIMEOUT_MS = 30_000;

interface Subscription extends Tap {
  readonly priority: number;
  readonly queue: ObserverQueue;
}

/** An empty set of hooks. */
export function createHooks(options: HooksOptions = {}): Hooks {
  const { clock = systemClock, queueLimit = 1_000 } = options;
  const subscriptions = new Map<HookName, readonly Subscription[]>();
  /** Those of the subscriptions, and those of former ones that still run. */
  const queues = new Set<ObserverQueue>();

  return { on, emit, waterfall, gate, flush };

  function on<Name extends HookName>(
    event: Name,
    listener: HookListeners[Name],
    { priority = 0, owner = "anonymous", timeoutMs }: HookOptions = {},
  ): () => void {
    const tap: Tap = { event, owner, listener, timeoutMs };
    const queue = createObserverQueue(tap, { clock, queueLimit, timeoutMs: OBSERVE_TIMEOUT_MS, report });
    const added: Subscription = { ...tap, priority, queue };
    const others = subscriptions.get(event) ?? [];
    subscriptions.set(
      event,
      [...others, added].toSorted((a, b) => b.priority - a.priority),
    );
    queues.add(queue);
    return () => {
      const rest = (subscriptions.get(event) ?? []).filter((one) => one !== added);
      subscriptions.set(event, rest);
      queue.close();
      void queue.flushed().then(() => queues.delete(queue));
    };
  }

  /** The listeners in their order, without those that are gone when their turn comes. */
  function* listeners(event: HookName): Generator<Subscription> {
    for (const one of subscriptions.get(event) ?? []) {
      if (subscriptions.get(event)?.includes(one)) yield one;
    }
  }

  function emit<Name extends ObserveHook>(event: Name, context: HookContext, data: HookData<Name>): void {
    const listening = subscriptions.get(event);
    if (listening === undefined) return;
    for (const { queue } of listening) queue.push(context, data);
  }

  async function waterfall<Name extends WaterfallHook>(
    event: Name,
    context: HookContext,
    data: HookData<Name>,
  ): Promise<HookData<Name>> {
    let current = data;
    for (const tap of listeners(event)) {
      const outcome = await callListener(tap, context, current, clock, GATE_TIMEOUT_MS);
      if (!outcome.ok) report(tap, outcome.error);
      else if (outcome.value === undefined) continue;
      else if (isLike(current, outcome.value)) current = outcome.value;
      else report(tap, notSuchData(tap));
    }
    return current;
  }

  async function gate<Name extends GateHook>(
    event: Name,
    context: HookContext,
    data: HookData<Name>,
  ): Promise<GateDecision> {
    for (const tap of listeners(event)) {
      const outcome = await callListener(tap, context, data, clock, GATE_TIMEOUT_MS);
      if (!outcome.ok) {
        report(tap, outcome.error);
        return { allowed: false, reason: outcome.error.message, by: tap.owner };
      }
      const refusal = refusalOf(outcome.value);
      if (refusal !== null) return { allowed: false, reason: refusal, by: tap.owner };
    }
    return { allowed: true };
  }

  async function flush(): Promise<void> {
    await Promise.all([...queues].map((queue) => queue.flushed()));
  }

  function report(tap: Tap, error: IntegrationError): void {
    try {
      options.onReport?.({ event: tap.event, owner: tap.owner, error });
    } catch {
      // A failing reporter must not break the agent's work, and there is nobody left to tell.
    }
  }
}

/** Objects are answered with objects; what their fields hold is the listener's word. */
function isLike<Data>(data: Data, answer: unknown): answer is Data {
  return answer !== null && typeof answer === typeof data && Array.isArray(answer) === Array.isArray(data);
}

function notSuchData({ event, owner }: Tap): IntegrationError {
  return new IntegrationError({
    code: "HOOK_LISTENER_FAILED",
    message: `The ${event} hook of "${owner}" answered with something else than its data, which was left out. Return a changed copy of the data, or nothing.`,
    details: { event, owner },
  });
}

/** A verdict that is neither nothing nor `{ allow: true }` refuses, so that a mistake in a gate never lets pass. */
function refusalOf(verdict: unknown): string | null {
  if (verdict === undefined) return null;
  if (typeof verdict !== "object" || verdict === null || !("allow" in verdict)) {
    return "The listener gave an answer that is not a verdict.";
  }
  if (verdict.allow === true) return null;
  return "reason" in verdict && typeof verdict.reason === "string"
    ? verdict.reason
    : "Refused without a reason.";
}
