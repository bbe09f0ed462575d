import { describe, expect, it } from "vitest";
import { AUTO_COMMIT_DEFAULT_EVENTS, INTEGRATION_EVENTS } from "./event-names.ts";
import { createToolEvents } from "./tool-events.ts";

describe("the event that a tool call stands for", () => {
  const { resolveEventName } = createToolEvents();

  it.each([
    ["audit_session_start", "session.start"],
    ["audit_session_end", "session.end"],
    ["task_create", "task.created"],
    ["task_create_batch", "task.created"],
    ["task_sync_to_gsd", "task.sync"],
    ["roadmap_export_to_gsd", "roadmap.exported"],
  ])("of %s is %s, whatever it was given", (toolName, event) => {
    expect(resolveEventName(toolName)).toBe(event);
    expect(resolveEventName(toolName, null, null)).toBe(event);
    expect(resolveEventName(toolName, { status: "open" }, { ok: true })).toBe(event);
  });

  it("of task_update is task.completed when it sets the status to done, and nothing otherwise", () => {
    expect(resolveEventName("task_update", { status: "done" })).toBe("task.completed");
    expect(resolveEventName("task_update", { status: "open" })).toBeNull();
    expect(resolveEventName("task_update", { title: "x" }, { status: "done" })).toBeNull();
    expect(resolveEventName("task_update", {})).toBeNull();
    expect(resolveEventName("task_update", null)).toBeNull();
    expect(resolveEventName("task_update")).toBeNull();
  });

  it("of every other tool is nothing, also when it is named like a part of every object", () => {
    for (const name of ["search", "", "constructor", "__proto__", "toString", "hasOwnProperty"]) {
      expect(resolveEventName(name, { status: "done" })).toBeNull();
    }
  });
});

describe("rules of one's own", () => {
  it("name the events of further tools and see the call", () => {
    const { resolveEventName } = createToolEvents({
      deploy: "roadmap.exported",
      run_checks: (args, result) => (args["strict"] === true && result === "red" ? "error" : null),
    });
    expect(resolveEventName("deploy")).toBe("roadmap.exported");
    expect(resolveEventName("run_checks", { strict: true }, "red")).toBe("error");
    expect(resolveEventName("run_checks", null, "red")).toBeNull();
    expect(resolveEventName("audit_session_end")).toBe("session.end");
  });

  it("may change or silence a tool of the table", () => {
    const { resolveEventName } = createToolEvents({ task_create: "task.sync", task_sync_to_gsd: null });
    expect(resolveEventName("task_create")).toBe("task.sync");
    expect(resolveEventName("task_sync_to_gsd")).toBeNull();
  });
});

it("there are the seven events of the reference, and three of them are committed on by default", () => {
  expect(INTEGRATION_EVENTS).toEqual([
    "session.start",
    "session.end",
    "task.created",
    "task.completed",
    "roadmap.exported",
    "task.sync",
    "error",
  ]);
  expect(AUTO_COMMIT_DEFAULT_EVENTS).toEqual(["session.end", "roadmap.exported", "task.sync"]);
});
