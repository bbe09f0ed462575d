import { describe, expect, it } from "vitest";
import { assertTaskInput, taskTypeSettings } from "./task-input.ts";
import type { TaskInput } from "./task.ts";

const circle: Record<string, unknown> = {};
circle["self"] = circle;

describe("taskTypeSettings", () => {
  it("gives agent tasks few attempts and classified retries, others many and any", () => {
    expect(taskTypeSettings("agent", undefined)).toEqual({
      maxAttempts: 3,
      maxRunSeconds: 1_200,
      retry: "classified",
    });
    expect(taskTypeSettings("mail", undefined)).toEqual({
      maxAttempts: 10,
      maxRunSeconds: 1_200,
      retry: "any",
    });
  });

  it("keeps what was said", () => {
    const options = { maxAttempts: 1, maxRunSeconds: 5, retry: "any" } as const;
    expect(taskTypeSettings("agent", options)).toEqual(options);
  });
});

describe("assertTaskInput", () => {
  it.each([
    [{}],
    [{ prompt: "", payload: null, priority: -32_768, max_attempts: 100, max_run_seconds: 604_800 }],
    [{ lane: "x".repeat(255), idempotency_key: "k", parent_task_id: "01900000-0000-7000-8000-000000000000" }],
    [{ origin: { integration: "chat", ref: { ts: "1" } }, scheduled_at: new Date() }],
  ] satisfies [TaskInput][])("accepts %j", (input) => {
    expect(() => assertTaskInput(input)).not.toThrow();
  });

  it.each([
    [{ type: "" }, "type"],
    [{ lane: "x".repeat(256) }, "lane"],
    [{ priority: 32_768 }, "priority"],
    [{ max_attempts: 101 }, "max_attempts"],
    [{ max_run_seconds: 0 }, "max_run_seconds"],
    [{ parent_task_id: "7" }, "parent_task_id"],
    [{ scheduled_at: new Date(Number.NaN) }, "scheduled_at"],
    [{ title: "\u0000" }, "title"],
    [{ origin: { integration: "chat", ref: { bot_token: "t" } } }, "origin.ref.bot_token"],
    [{ payload: 1n }, "payload"],
    [{ payload: circle }, "payload"],
    [{ origin: { integration: "chat", ref: circle } }, "origin"],
  ])("refuses %o by naming %s", (input: unknown, field) => {
    expect(() => assertTaskInput(input as TaskInput)).toThrow(
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
