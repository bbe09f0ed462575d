import { describe, expect, it } from "vitest";
import { assertTaskInput } from "./task-input.ts";
import type { TaskInput } from "./task.ts";

const circle: Record<string, unknown> = {};
circle["self"] = circle;

describe("assertTaskInput", () => {
  it.each([
    [{ prompt: "x" }],
    [{ type: "mail" }],
    [{ prompt: "", payload: null, priority: -32_767, max_attempts: 100, max_run_seconds: 604_800 }],
    [
      {
        prompt: "x",
        lane: "x".repeat(255),
        idempotency_key: "k",
        parent_task_id: "01900000-0000-7000-8000-000000000000",
      },
    ],
    [{ prompt: "x", origin: { integration: "chat", ref: { ts: "1" } }, scheduled_at: new Date() }],
  ] satisfies [TaskInput][])("accepts %j", (input) => {
    expect(() => assertTaskInput(input)).not.toThrow();
  });

  it.each([
    [{ type: "" }, "type"],
    [{ lane: "x".repeat(256) }, "lane"],
    [{ priority: 32_768 }, "priority"],
    [{ priority: -32_768 }, "priority"],
    [{ delay_ms: -1 }, "delay_ms"],
    [{ delay_ms: 5, scheduled_at: new Date() }, "delay_ms"],
    [{ dedupe: "k" }, "dedupe"],
    [{ dedupe: {} }, "dedupe.key"],
    [{ dedupe: { key: "k", on_conflict: "drop" } }, "dedupe.on_conflict"],
    [{ dedupe: { key: "k", window_seconds: 0 } }, "dedupe.window_seconds"],
    [{ dedupe: { key: "k", windowSeconds: 5 } }, "dedupe.windowSeconds"],
    [{ trace_context: { traceparent: 5 } }, "trace_context"],
    [{ limit_key: "" }, "limit_key"],
    [{ max_attempts: 101 }, "max_attempts"],
    [{ max_run_seconds: 0 }, "max_run_seconds"],
    [{ parent_task_id: "7" }, "parent_task_id"],
    [{ scheduled_at: new Date(Number.NaN) }, "scheduled_at"],
    [{ scheduled_at: new Date("0000-01-01T00:00:00Z") }, "scheduled_at"],
    [{ scheduled_at: new Date("9999-12-31T23:59:59-14:00") }, "scheduled_at"],
    [{ scheduled_at: "2030-01-01T00:00:00Z" }, "scheduled_at"],
    [{ promt: "x" }, "promt"],
    [{ prompt: undefined }, "prompt"],
    [{ prompt: 5 }, "prompt"],
    [{ strict: "no" }, "strict"],
    [{ reason: "fun" }, "reason"],
    [{ callback_config: { authorization: "Bearer x" } }, "callback_config.authorization"],
    [{ title: "\u0000" }, "title"],
    [{ origin: { integration: "chat", ref: { bot_token: "t" } } }, "origin.ref.bot_token"],
    [{ payload: 1n }, "payload"],
    [{ payload: circle }, "payload"],
    [{ origin: { integration: "chat", ref: circle } }, "origin"],
  ])("refuses %o by naming %s", (input: unknown, field) => {
    expect(() => assertTaskInput({ prompt: "x", ...(input as TaskInput) })).toThrow(
      expect.objectContaining({
        code: "TASK_INVALID",
        details: { issues: [{ field, message: expect.any(String) }] },
      }),
    );
  });

  it("names every wrong field at once", () => {
    const input = { queue: "", priority: 0.5, prompt: "\ud800" };
    expect(() => assertTaskInput(input)).toThrow(/queue: .*priority: .*prompt: /);
  });
});
