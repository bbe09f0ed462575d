import { expect, expectTypeOf, test } from "vitest";
import { contextOf } from "../test/fixtures.ts";
import type {
  GateDecision,
  GateHook,
  GateVerdict,
  HookCall,
  HookContext,
  HookSubscription,
  JsonObject,
  ObserveHook,
  WaterfallHook,
} from "./index.ts";
import { createHooks } from "./index.ts";

const hooks = createHooks();
const context = contextOf();

test("a listener receives the data of its own event", () => {
  hooks.on("after_tool_call", ({ event, context: whose, data, signal }) => {
    expectTypeOf(event).toEqualTypeOf<"after_tool_call">();
    expectTypeOf(whose).toEqualTypeOf<HookContext>();
    expectTypeOf(data.tool_args).toEqualTypeOf<JsonObject>();
    expectTypeOf(data.error).toEqualTypeOf<string | null>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    // @ts-expect-error the length belongs to after_response
    void data.response_length;
  });
  hooks.on("after_response", ({ data }) => expectTypeOf(data.response_length).toEqualTypeOf<number>());
  hooks.on("after_llm_call", ({ data }) => expectTypeOf(data.fallback_from).toEqualTypeOf<string | null>());
  hooks.on("after_task_complete", ({ data }) =>
    expectTypeOf(data.status).toEqualTypeOf<"complete" | "failed" | "cancelled">(),
  );
});

test("the kinds of events are apart", () => {
  expectTypeOf<"before_context_assembly">().toExtend<WaterfallHook>();
  expectTypeOf<"before_tool_execution">().toExtend<GateHook>();
  expectTypeOf<"after_response">().toExtend<ObserveHook>();
  expectTypeOf<"before_context_assembly">().not.toExtend<ObserveHook | GateHook>();
  expectTypeOf<"before_tool_execution">().not.toExtend<ObserveHook | WaterfallHook>();
});

test("an event can only be asked in the way of its kind", () => {
  const wrong = (): void => {
    // @ts-expect-error a waterfall is not emitted
    hooks.emit("before_context_assembly", context, { user_message: "", system_preamble: "", execution: {} });
    // @ts-expect-error a gate is not emitted
    hooks.emit("before_tool_execution", context, { tool_name: "", tool_args: {}, iteration: 1 });
    // @ts-expect-error an observer decides nothing
    void hooks.gate("after_response", context, { response_length: 1, tool_calls_made: 0, error: false });
    // @ts-expect-error a gate changes nothing
    void hooks.waterfall("before_tool_execution", context, { tool_name: "", tool_args: {}, iteration: 1 });
    // @ts-expect-error there is no such event
    hooks.on("after_everything", () => {});
    // @ts-expect-error the data of another event
    hooks.emit("after_response", context, { task_id: "1", task_type: "agent", status: "complete" });
  };
  expect(wrong).toBeTypeOf("function");
});

test("a listener may answer only what its kind allows, at once or later", () => {
  hooks.on("before_tool_execution", () => ({ allow: true }));
  hooks.on("before_tool_execution", async () => ({ allow: true }));
  hooks.on("before_tool_execution", async ({ data }) => {
    if (data.iteration > 9) return { allow: false, reason: "Too many." };
    return { allow: true };
  });
  hooks.on("before_tool_execution", () => {});
  hooks.on("before_context_assembly", async ({ data }) => ({ ...data, system_preamble: "Be brief." }));
  hooks.on("before_context_assembly", async () => {});
  hooks.on("after_response", () => "whatever");
  // @ts-expect-error a refusal has a reason
  hooks.on("before_tool_execution", () => ({ allow: false }));
  // @ts-expect-error a verdict is not a boolean
  hooks.on("before_tool_execution", () => true);
  // @ts-expect-error a change is the whole data
  hooks.on("before_context_assembly", () => ({ system_preamble: "Be brief." }));
  expectTypeOf<GateVerdict>().toEqualTypeOf<
    { readonly allow: true } | { readonly allow: false; readonly reason: string }
  >();
});

test("a decision says who refused only when it was refused", () => {
  expectTypeOf<Extract<GateDecision, { allowed: true }>>().toEqualTypeOf<{ readonly allowed: true }>();
  expectTypeOf<Extract<GateDecision, { allowed: false }>["by"]>().toEqualTypeOf<string>();
});

test("a subscription's event types its listener", () => {
  const subscriptions: HookSubscription[] = [
    {
      event: "after_tool_call",
      listener: ({ data }) => expectTypeOf(data.duration_ms).toEqualTypeOf<number>(),
    },
    { event: "before_tool_execution", priority: 1, timeoutMs: 50, listener: async () => ({ allow: true }) },
    // @ts-expect-error an integration does not choose its owner's name
    { event: "after_response", owner: "somebody", listener: () => {} },
    // @ts-expect-error a listener of another event
    { event: "after_response", listener: ({ data }: HookCall<"after_llm_call">) => data.model },
  ];
  const narrowed = subscriptions.find((one) => one.event === "after_tool_call");
  expectTypeOf(narrowed).toExtend<{ readonly event: "after_tool_call" } | undefined>();
  expect(subscriptions).toHaveLength(4);
});
