import { createHooks as createHookable } from "hookable";
import { AsyncParallelHook, HookMap, SyncHook } from "tapable";
import type { HookContext, HookData, ObserveHook } from "../src/hook-events.ts";
import { createHooks } from "../src/hooks.ts";

/** One library with listeners to `HEARD` and none to `UNHEARD`. */
export interface Side {
  readonly name: string;
  /** `nothing` fires nothing and shows what the measuring itself takes. */
  readonly role: "ours" | "peer" | "nothing";
  /** Looks up the listeners by the event's name and tells them. */
  fire(event: ObserveHook): unknown;
  /** Resolves when every listener has run, given what `fire` returned. */
  settled(fired: unknown): unknown;
}

/** How many listen, and whether they end within their call or return a promise. */
export type Audience = SynchronousAudience | AsynchronousAudience;

interface SynchronousAudience {
  readonly size: number;
  readonly kind: "synchronous";
  readonly listener: () => void;
}

interface AsynchronousAudience {
  readonly size: number;
  readonly kind: "asynchronous";
  readonly listener: () => Promise<void>;
}

export const HEARD = "after_response";

/** Several, so that no side can look up a constant. */
export const UNHEARD: readonly ObserveHook[] = [
  "before_llm_call",
  "after_llm_call",
  "after_tool_call",
  "after_task_complete",
];

/** All sides with the same audience; a synchronous hook is no peer where listeners must be waited for. */
export function createSides(audience: Audience): readonly Side[] {
  return [
    nothing,
    ours(audience),
    hookableSerial(audience),
    hookableParallel(audience),
    tapableParallel(audience),
    ...(audience.kind === "synchronous" ? [tapableSync(audience)] : []),
  ];
}

const context: HookContext = {
  bot_id: "bot-1",
  session_id: "session-1",
  channel_id: null,
  client_id: null,
  correlation_id: "correlation-1",
  origin: null,
};

const data: HookData<typeof HEARD> = { response_length: 100, tool_calls_made: 0, error: false };

type Arguments = [context: HookContext, data: HookData<typeof HEARD>];

type HookableEvents = Record<ObserveHook, (...called: Arguments) => Promise<void> | void>;

/** What a peer returns is what there is to wait for. */
const itself = (fired: unknown): unknown => fired;

const nothing: Side = { name: "nothing", role: "nothing", fire: (_event) => undefined, settled: itself };

function ours({ size, listener }: Audience): Side {
  const hooks = createHooks();
  for (let n = 0; n < size; n += 1) hooks.on(HEARD, listener);
  return {
    name: "ours, emit",
    role: "ours",
    fire: (event) => hooks.emit(event, context, data),
    settled: () => hooks.flush(),
  };
}

function hookableSerial({ size, listener }: Audience): Side {
  const hooks = createHookable<HookableEvents>();
  for (let n = 0; n < size; n += 1) hooks.hook(HEARD, listener);
  return {
    name: "hookable, callHook",
    role: "peer",
    fire: (event) => hooks.callHook(event, context, data),
    settled: itself,
  };
}

function hookableParallel({ size, listener }: Audience): Side {
  const hooks = createHookable<HookableEvents>();
  for (let n = 0; n < size; n += 1) hooks.hook(HEARD, listener);
  return {
    name: "hookable, callHookParallel",
    role: "peer",
    fire: (event) => hooks.callHookParallel(event, context, data),
    settled: itself,
  };
}

/** A hook is made when it is first tapped, so an unheard event is one failed lookup: tapable at its fastest. */
function tapableParallel({ size, ...audience }: Audience): Side {
  const hooks = new HookMap(() => new AsyncParallelHook<Arguments>(["context", "data"]));
  for (let n = 0; n < size; n += 1) {
    if (audience.kind === "synchronous") hooks.for(HEARD).tap("listener", audience.listener);
    else hooks.for(HEARD).tapPromise("listener", audience.listener);
  }
  return {
    name: "tapable, AsyncParallelHook",
    role: "peer",
    fire: (event) => hooks.get(event)?.promise(context, data),
    settled: itself,
  };
}

function tapableSync({ size, listener }: SynchronousAudience): Side {
  const hooks = new HookMap(() => new SyncHook<Arguments>(["context", "data"]));
  for (let n = 0; n < size; n += 1) hooks.for(HEARD).tap("listener", listener);
  return {
    name: "tapable, SyncHook",
    role: "peer",
    fire: (event) => hooks.get(event)?.call(context, data),
    settled: itself,
  };
}
