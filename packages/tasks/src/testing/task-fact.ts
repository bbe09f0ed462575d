import type { AboutTask, TaskFact } from "../watch/task-event.ts";

/** An event of a task as it travels; `given` says what matters to a test. */
export function taskFact(
  type: TaskFact["type"],
  given: Partial<AboutTask> & { readonly n?: number } = {},
): TaskFact {
  const { n = 1, ...more } = given;
  const at = new Date("2026-01-01T00:00:00Z");
  const about = {
    task_id: "t",
    at,
    task_type: "mail",
    queue: "default",
    lane: null,
    attempt: 1,
    run: 0,
    ...more,
  };
  const said = { run: about.run, n, at: at.toISOString() };
  switch (type) {
    case "task.created":
    case "task.retrying":
      return { ...about, type, state: "pending", run_at: at };
    case "task.started":
      return { ...about, type, state: "running" };
    case "task.progress":
      return { ...about, type, state: "running", progress: { fraction: 0.5, message: "half", ...said } };
    case "task.log":
      return { ...about, type, state: "running", line: { message: "line", fields: { a: 1 }, ...said } };
    case "task.waiting":
      return { ...about, type, state: "waiting" };
    case "task.completed":
      return { ...about, type, state: "complete" };
    case "task.failed":
      return { ...about, type, state: "failed", failure_code: "exhausted" };
    case "task.cancelled":
      return { ...about, type, state: "cancelled" };
  }
}
