import { describe, expect, it } from "vitest";
import { taskFact } from "../testing/task-fact.ts";
import { decodeMessage, encodeFact, encodeMessage } from "./event-wire.ts";
import type { Fact } from "./task-event.ts";
import { factTypes } from "./task-event.ts";

const delivery: Fact = {
  type: "delivery.changed",
  at: new Date(7),
  delivery_id: "d",
  task_id: null,
  state: "delivered",
  attempt: 2,
  run: 3,
};

describe("a message to other processes", () => {
  it.each(factTypes)("brings %s over unchanged", (type) => {
    const fact = type === "delivery.changed" ? delivery : taskFact(type, { run: 2, lane: "l" });
    const message = decodeMessage(
      encodeMessage({ from: "me", gap: true }, [encodeFact(fact), encodeFact(fact)]),
    );
    expect(message).toEqual({ from: "me", gap: true, facts: [fact, fact] });
  });

  it("may say no more than a word", () => {
    const text = encodeMessage({ from: "me", here: true }, []);
    expect(text).toBe('{"from":"me","here":true}');
    expect(decodeMessage(text)).toEqual({ from: "me", here: true, facts: [] });
  });

  it("is short: sixty tasks fit into one notification", () => {
    const fact = taskFact("task.started", { task_id: "019aa3c4-0000-7000-8000-000000000000", run: 12 });
    const rows = Array.from({ length: 60 }, () => encodeFact(fact));
    expect(encodeMessage({ from: "019aa3c4-0000-7000-8000-000000000000" }, rows).length).toBeLessThan(7_900);
  });

  it.each([
    "",
    "tasks me",
    "[]",
    "7",
    "null",
    "{}",
    '{"from":1}',
    '{"from":"me","facts":7}',
    '{"from":"me","facts":[7]}',
  ])("is not made of %j", (text) => {
    expect(decodeMessage(text)).toBeNull();
  });

  it("leaves out what only a newer version knows", () => {
    expect(decodeMessage('{"from":"me","facts":[[99,"t",0,1,1,"x"]]}')).toEqual({ from: "me", facts: [] });
  });
});
