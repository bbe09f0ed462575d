import type { Clock } from "./clock.ts";
import { IntegrationError, reasonOf } from "./errors.ts";
import type { AnyHookListener, HookCall, HookContext, HookName } from "./hook-events.ts";

/** One listener of one event. */
export interface Tap {
  readonly event: HookName;
  readonly owner: string;
  readonly listener: AnyHookListener;
  readonly timeoutMs: number | undefined;
}

export type ListenerOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: IntegrationError };

/**
 * Calls a listener and waits for it at most its time; then its signal is aborted and it is given up.
 * A synchronous listener costs neither a timer nor a promise: the outcome comes back at once.
 */
export function callListener(
  tap: Tap,
  context: HookContext,
  data: HookCall["data"],
  clock: Clock,
  defaultTimeoutMs: number,
): ListenerOutcome | Promise<ListenerOutcome> {
  const call = new LazyCall(tap.event, context, data);
  try {
    const value = tap.listener(call);
    if (!isThenable(value)) return { ok: true, value };
    return settle(tap, call, value, clock, tap.timeoutMs ?? defaultTimeoutMs);
  } catch (error) {
    return { ok: false, error: listenerFailed(tap, error) };
  }
}

/** Makes its signal only when a listener asks for it. */
class LazyCall implements HookCall {
  readonly event: HookName;
  readonly context: HookContext;
  readonly data: HookCall["data"];
  #controller: AbortController | undefined;
  #abortedWith: IntegrationError | undefined;

  constructor(event: HookName, context: HookContext, data: HookCall["data"]) {
    this.event = event;
    this.context = context;
    this.data = data;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#abortedWith !== undefined) this.#controller.abort(this.#abortedWith);
    return this.#controller.signal;
  }

  abort(error: IntegrationError): void {
    this.#abortedWith = error;
    this.#controller?.abort(error);
  }
}

function settle(
  tap: Tap,
  call: LazyCall,
  pending: PromiseLike<unknown>,
  clock: Clock,
  timeoutMs: number,
): Promise<ListenerOutcome> {
  return new Promise((resolve) => {
    const cancel = clock.after(timeoutMs, () => {
      const error = listenerLate(tap, timeoutMs);
      call.abort(error);
      resolve({ ok: false, error });
    });
    const end = (outcome: ListenerOutcome): void => {
      cancel();
      resolve(outcome);
    };
    Promise.resolve(pending).then(
      (value) => end({ ok: true, value }),
      (error: unknown) => end({ ok: false, error: listenerFailed(tap, error) }),
    );
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function listenerFailed({ event, owner }: Tap, cause: unknown): IntegrationError {
  return new IntegrationError({
    code: "HOOK_LISTENER_FAILED",
    message: `The ${event} hook of "${owner}" failed: ${reasonOf(cause)}`,
    details: { event, owner },
    cause,
  });
}

function listenerLate({ event, owner }: Tap, timeoutMs: number): IntegrationError {
  return new IntegrationError({
    code: "HOOK_TIMEOUT",
    message: `The ${event} hook of "${owner}" did not end within ${timeoutMs} ms and was given up. Let it stop when its signal is aborted, or give it more time with timeoutMs.`,
    details: { event, owner, timeoutMs },
  });
}
