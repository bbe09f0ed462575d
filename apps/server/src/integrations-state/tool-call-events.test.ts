import { createToolEvents } from "@core/integrations-state";
import type { JsonObject, JsonValue } from "@core/registry";
import { createHooks } from "@core/registry";
import type { TaskWithDeliveries } from "@core/tasks";
import { describe, expect, it } from "vitest";
import { tellOfToolCalls } from "./tool-call-events.ts";

const KNOWN = "0193a000-0000-7000-8000-000000000001";
const OTHER = "0193a000-0000-7000-8000-000000000002";
const context = {
  bot_id: "b1",
  session_id: "s1",
  channel_id: null,
  client_id: null,
  correlation_id: "c1",
  origin: null,
};

/** What is published of a tool call. */
async function published(
  tool_name: string,
  tool_args: JsonObject = {},
  result: JsonValue = null,
  error: string | null = null,
): Promise<readonly (readonly [string, JsonObject | undefined])[]> {
  const hooks = createHooks();
  const events: [string, JsonObject | undefined][] = [];
  const undo = tellOfToolCalls({
    hooks,
    integrations: {
      ...createToolEvents(),
      publish: async (event, data) => {
        events.push([event, data]);
        return { webhooks: null, error: null, git: { status: "skipped", reason: "disabled", message: "" } };
      },
    },
    tasks: { get: async (id) => (id === KNOWN ? ({ id } as TaskWithDeliveries) : null) },
  });
  hooks.emit("after_tool_call", context, { tool_name, tool_args, result, duration_ms: 5, error });
  await hooks.flush();
  undo();
  hooks.emit("after_tool_call", context, { tool_name, tool_args, result, duration_ms: 5, error });
  await hooks.flush();
  return events;
}

describe("a tool call", () => {
  it("that stands for an event is published with whose it is and its plain fields", async () => {
    expect(
      await published(
        "audit_session_end",
        { session: "s", summary: "Done", api_key: "k", deep: { a: 1 }, long: "x".repeat(2_000) },
        { files: 3, ok: true, url: "https://me:pass@example.org" },
      ),
    ).toEqual([
      [
        "session.end",
        {
          session: "s",
          summary: "Done",
          files: 3,
          ok: true,
          bot_id: "b1",
          session_id: "s1",
          channel_id: null,
          correlation_id: "c1",
          tool_name: "audit_session_end",
          duration_ms: 5,
        },
      ],
    ]);
  });

  it("that stands for none, or failed, is not", async () => {
    expect(await published("search")).toEqual([]);
    expect(await published("audit_session_end", {}, null, "It broke.")).toEqual([]);
  });

  it.each<[string, JsonObject, JsonValue]>([
    ["task_create", {}, { task_id: KNOWN }],
    ["task_create", {}, { task: { id: KNOWN } }],
    ["task_create_batch", {}, { tasks: [{ id: KNOWN }, { task_id: KNOWN }] }],
    ["task_create_batch", {}, { task_ids: [KNOWN] }],
    ["task_update", { id: KNOWN, status: "done" }, { ok: true }],
  ])("of %s is not when the server knows the task, and tells of it itself", async (tool, args, result) => {
    expect(await published(tool, args, result)).toEqual([]);
  });

  it.each<[string, JsonObject, JsonValue, string]>([
    ["task_create", {}, { task_id: OTHER }, "task.created"],
    ["task_create", {}, "made", "task.created"],
    ["task_create_batch", {}, { task_ids: [KNOWN, OTHER] }, "task.created"],
    ["task_update", { id: OTHER, status: "done" }, null, "task.completed"],
    ["task_sync_to_gsd", {}, { task_id: KNOWN }, "task.sync"],
  ])("of %s %j %j is when the server would not tell of it", async (tool, args, result, event) => {
    expect((await published(tool, args, result)).map(([name]) => name)).toEqual([event]);
  });
});
