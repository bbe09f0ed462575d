import { describe, expect, it } from "vitest";
import { taskFact } from "../testing/task-fact.ts";
import { createEventOrder } from "./event-order.ts";

describe("the order of events", () => {
  it("leaves out the beginning of a task when what follows was heard of first", () => {
    const order = createEventOrder();
    expect(order.accepts(taskFact("task.started", { run: 1 }))).toBe(true);
    expect(order.accepts(taskFact("task.created"))).toBe(false);
    expect(order.accepts(taskFact("task.completed", { run: 1 }))).toBe(true);
    expect(order.accepts(taskFact("task.progress", { run: 1 }))).toBe(false);
  });

  it("leaves out the end of a run when the next one was heard of first", () => {
    const order = createEventOrder();
    order.accepts(taskFact("task.started", { run: 1 }));
    order.accepts(taskFact("task.started", { run: 2 }));
    expect(order.accepts(taskFact("task.retrying", { run: 1 }))).toBe(false);
    expect(order.accepts(taskFact("task.completed", { run: 2 }))).toBe(true);
  });

  it("lets a task go on after its end, and mixes no two tasks up", () => {
    const order = createEventOrder();
    expect(order.accepts(taskFact("task.failed", { run: 3 }))).toBe(true);
    expect(order.accepts(taskFact("task.retrying", { run: 3 }))).toBe(true);
    expect(order.accepts(taskFact("task.created", { task_id: "other" }))).toBe(true);
  });

  it("forgets the oldest of thousands", () => {
    const order = createEventOrder();
    order.accepts(taskFact("task.completed", { run: 1 }));
    for (let n = 0; n < 2_000; n += 1) order.accepts(taskFact("task.created", { task_id: `t${n}` }));
    expect(order.accepts(taskFact("task.created"))).toBe(true);
  });
});
