import type { Origin } from "./delivery.ts";
import type { ExecutionConfig } from "./execution-config.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/** Whose work an event belongs to. */
export interface HookContext {
  readonly bot_id: string | null;
  readonly session_id: string | null;
  readonly channel_id: string | null;
  readonly client_id: string | null;
  /** Events of one correlation id reach a listener in order. */
  readonly correlation_id: string | null;
  readonly origin: Origin | null;
}

/** Every listener sees the event on its own; errors are reported, never raised. */
export interface Observe<Data> {
  readonly kind: "observe";
  readonly data: Data;
}

/** Each listener may return a changed copy, which the next one receives. */
export interface Waterfall<Data> {
  readonly kind: "waterfall";
  readonly data: Data;
}

/** Each listener may refuse; a listener that fails or is late refuses too. */
export interface Gate<Data> {
  readonly kind: "gate";
  readonly data: Data;
}

/**
 * The lifecycle events of an agent. Packages add their own by declaration merging:
 * `declare module "@core/registry" { interface HookEvents { my_event: Observe<{ n: number }> } }`.
 */
export interface HookEvents {
  before_context_assembly: Waterfall<{
    readonly user_message: string;
    readonly system_preamble: string;
    readonly execution: ExecutionConfig;
  }>;
  before_llm_call: Observe<{
    readonly model: string;
    readonly message_count: number;
    readonly tools_count: number;
    readonly provider_id: string | null;
    /** Counted from 1 within a run. */
    readonly iteration: number;
  }>;
  after_llm_call: Observe<{
    readonly model: string;
    readonly duration_ms: number;
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly iteration: number;
    /** The model asked for first, when another one answered. */
    readonly fallback_from: string | null;
  }>;
  before_tool_execution: Gate<{
    readonly tool_name: string;
    readonly tool_args: JsonObject;
    readonly iteration: number;
  }>;
  after_tool_call: Observe<{
    readonly tool_name: string;
    readonly tool_args: JsonObject;
    readonly result: JsonValue;
    readonly duration_ms: number;
    readonly error: string | null;
  }>;
  after_response: Observe<{
    /** Characters. */
    readonly response_length: number;
    readonly tool_calls_made: number;
    readonly error: boolean;
  }>;
  after_task_complete: Observe<{
    readonly task_id: string;
    readonly task_type: string;
    /** Why the task existed, such as `api` or `scheduled`. */
    readonly reason: string;
    readonly status: "complete" | "failed" | "cancelled";
  }>;
}

type EventsOfKind<Kind extends string> = {
  [Name in keyof HookEvents]: HookEvents[Name]["kind"] extends Kind ? Name : never;
}[keyof HookEvents];

export type HookName = keyof HookEvents;
export type ObserveHook = EventsOfKind<"observe">;
export type WaterfallHook = EventsOfKind<"waterfall">;
export type GateHook = EventsOfKind<"gate">;
export type HookData<Name extends HookName> = HookEvents[Name]["data"];

/** What a listener receives beside its data. */
export interface HookCall<Name extends HookName = HookName> {
  readonly event: Name;
  readonly context: HookContext;
  readonly data: HookData<Name>;
  /** Aborted when the listener's time is up. */
  readonly signal: AbortSignal;
}

/** What a gate's listener says: nothing or `{ allow: true }` lets pass. */
export type GateVerdict = { readonly allow: true } | { readonly allow: false; readonly reason: string };

/** What a gate decided, and who refused. */
export type GateDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: string; readonly by: string };

/** What a listener of each kind may answer. */
interface ListenerAnswers<Data> {
  observe: unknown;
  waterfall: Data | undefined | void;
  gate: GateVerdict | undefined | void;
}

type ListenerAnswer<Name extends HookName> = ListenerAnswers<HookData<Name>>[HookEvents[Name]["kind"]];

/** A listener of any event, as it is kept beside others; a method's type, so that every `HookListener` fits. */
export type AnyHookListener = { listener(call: HookCall): unknown }["listener"];

/** A subscription to one event; may be asynchronous. */
export type HookListener<Name extends HookName> = (
  call: HookCall<Name>,
) => ListenerAnswer<Name> | Promise<ListenerAnswer<Name>>;

/** The listeners by event. Looked up here, a listener's literal answers keep their types when it is asynchronous. */
export type HookListeners = { readonly [Name in HookName]: HookListener<Name> };
